using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// A linear layer, the only one: y = x·Wᵀ + b. It owns how its weight is stored, and the low-rank changes (LoRA) that are
/// added to it. It computes in the type of its input, whatever the weight is stored in.
/// </summary>
public sealed class Linear : Module
{
    private readonly LinearWeight _weight;
    private readonly Parameter? _bias;
    private readonly List<LinearDelta> _deltas = [];

    /// <summary>Loads a layer.</summary>
    /// <param name="source">Its place; the names there are <c>weight</c> and <c>bias</c>.</param>
    /// <param name="inFeatures">Width of the input.</param>
    /// <param name="outFeatures">Width of the output.</param>
    /// <param name="bias">Whether it has a bias.</param>
    /// <param name="initialization">How the weight starts when trained from nothing; PyTorch's default where null.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public Linear(WeightSource source, long inFeatures, long outFeatures, bool bias = true, Initialization? initialization = null)
        : base(source)
    {
        InFeatures = inFeatures;
        OutFeatures = outFeatures;
        _weight = source.Options.LinearFormat.Load(source, outFeatures, inFeatures, initialization ?? Initialization.FanIn(inFeatures));
        _bias = bias ? Own(source.Parameter("bias", [outFeatures], initialization is null ? Initialization.FanIn(inFeatures) : Initialization.Zeros)) : null;
    }

    /// <summary>Width of the input.</summary>
    public long InFeatures { get; }

    /// <summary>Width of the output.</summary>
    public long OutFeatures { get; }

    /// <summary>The stored weight.</summary>
    public LinearWeight Weight => _weight;

    /// <summary>The low-rank changes in force, in the order in which they were added.</summary>
    public IReadOnlyList<LinearDelta> Deltas => _deltas;

    /// <inheritdoc/>
    protected override IEnumerable<Parameter> OwnParameters => _weight.Parameters.Concat(base.OwnParameters);

    /// <summary>Adds a low-rank change. The caller keeps and disposes its tensors.</summary>
    /// <param name="delta">The change.</param>
    /// <exception cref="ArgumentException">Its widths are not this layer's.</exception>
    public void Add(LinearDelta delta)
    {
        if (delta.Down.shape[1] != InFeatures || delta.Up.shape[0] != OutFeatures)
        {
            throw new ArgumentException(
                $"The low-rank change of {delta.Down.shape[1]} → {delta.Up.shape[0]} does not fit {Path}, which maps {InFeatures} → {OutFeatures}.");
        }

        _deltas.Add(delta);
    }

    /// <summary>Takes a low-rank change away.</summary>
    /// <param name="delta">One that was added.</param>
    /// <returns>Whether it was in force.</returns>
    public bool Remove(LinearDelta delta) => _deltas.Remove(delta);

    /// <summary>x·Wᵀ + b, and the low-rank changes.</summary>
    /// <param name="input">[…, in].</param>
    /// <returns>[…, out] in the input's type.</returns>
    public Tensor Forward(Tensor input)
    {
        Tensor? bias = _bias?.Value;
        if (bias is not null && bias.dtype != input.dtype)
        {
            bias = bias.to(input.dtype);
        }

        Tensor output = _weight.Multiply(input, bias);
        if (OperationCount.IsOpen)
        {
            OperationCount.Product((double)output.numel() * InFeatures, input, _weight.Parameters.First().Value);
        }

        foreach (LinearDelta delta in _deltas)
        {
            output = output.Plus(delta.Apply(input));
        }

        return output;
    }
}
