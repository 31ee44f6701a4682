namespace NexusGen.Weights.Modules;

/// <summary>
/// The numbered blocks of a transformer. They are all in memory, or come and go as a <see cref="BlockResidency"/> lets them;
/// the model that runs them can't tell.
/// </summary>
/// <typeparam name="T">The block.</typeparam>
public sealed class BlockList<T> : Module, IBlockList
    where T : Module
{
    private readonly T[] _resident = [];
    private readonly int[] _numbers = [];
    private readonly BlockResidency? _residency;

    /// <summary>Loads the blocks, or prepares to.</summary>
    /// <param name="source">The place of the list; block i is at <c>source[i]</c>.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="build">Builds one block from its place.</param>
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
            WeightSource place = streamed[i];
            using T shape = build(place.ShapesOnly());
            _numbers[i] = _residency.Add(shape.ByteLength, () => build(place));
        }
    }

    /// <summary>How many blocks there are.</summary>
    public int Count { get; }

    /// <summary>The blocks in order. A block is valid until the next one is asked for.</summary>
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

    /// <summary>One block, valid until another one is asked for.</summary>
    /// <param name="index">Its number, from 0.</param>
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
