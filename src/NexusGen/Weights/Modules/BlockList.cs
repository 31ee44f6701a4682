namespace NexusGen.Weights.Modules;

/// <summary>
/// The numbered blocks of a transformer. They are either all in memory or loaded and unloaded by a <see cref="BlockResidency"/>;
/// the model that runs them is the same in both cases.
/// </summary>
/// <typeparam name="T">The type of a block.</typeparam>
internal sealed class BlockList<T> : Module, IBlockList
    where T : Module
{
    private readonly T[] _resident = [];
    private readonly int[] _numbers = [];
    private readonly BlockResidency? _residency;

    /// <summary>Loads the blocks, or registers them with the residency.</summary>
    /// <param name="source">The weights of the list; those of block i are at <c>source[i]</c>.</param>
    /// <param name="count">The number of blocks.</param>
    /// <param name="build">Builds one block from its weights.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public BlockList(WeightSource source, int count, Func<WeightSource, T> build)
        : base(source)
    {
        Count = count;
        _residency = source.Options.Residency;
        if (_residency is null)
        {
            _resident = new T[count];
            for (int i = 0; i < count; i++)
            {
                _resident[i] = Own(build(source[i]));
            }

            return;
        }

        WeightSource streamed = source.With(source.Options with { Residency = null });
        _numbers = new int[count];
        for (int i = 0; i < count; i++)
        {
            WeightSource block = streamed[i];
            using T shape = build(block.ShapesOnly());
            _numbers[i] = _residency.Add(shape.ByteLength, () => build(block));
        }
    }

    /// <summary>Gets the number of blocks.</summary>
    public int Count { get; }

    /// <summary>Gets the blocks in order. A block is valid until the next one is requested.</summary>
    public IEnumerable<T> Blocks
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                yield return this[i];
            }
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<Module> Children => Blocks;

    /// <summary>Gets a block, which is valid until another one is requested.</summary>
    /// <param name="index">The index of the block.</param>
    public T this[int index] => _residency is null ? _resident[index] : (T)_residency.Acquire(_numbers[index]);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_residency is null)
        {
            base.Dispose(disposing);
        }
        else
        {
            _residency.Dispose();
        }
    }
}
