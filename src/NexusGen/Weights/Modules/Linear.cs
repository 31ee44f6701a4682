using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// The linear layer that all models use: y = x·Wᵀ + b. It encapsulates how its weight is stored, and applies the changes of
/// adapters (LoRA) that the current thread has entered. It computes in the type of its input, whatever the storage format of the
/// weight.
/// </summary>
internal sealed class Linear : Module
{
    private readonly LinearWeight _weight;
    private readonly Parameter? _bias;
    private readonly LinearDeltas? _trained;

    /// <summary>Loads a layer.</summary>
    /// <param name="source">The weights of the layer, named <c>weight</c> and <c>bias</c>.</param>
    /// <param name="inFeatures">The width of the input.</param>
    /// <param name="outFeatures">The width of the output.</param>
    /// <param name="bias">Whether the layer has a bias.</param>
    /// <param name="initialization">
    /// The initialization of the weight when training from scratch, or null for PyTorch's default.
    /// </param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public Linear(WeightSource source, long inFeatures, long outFeatures, bool bias = true, Initialization? initialization = null)
        : base(source)
    {
        InFeatures = inFeatures;
        OutFeatures = outFeatures;
        _trained = source.Options.Trained;
        _weight = source.Options.LinearFormat.Load(
            source, outFeatures, inFeatures, initialization ?? Initialization.FanIn(inFeatures));
        _bias = bias
            ? Own(source.Parameter(
                "bias",
                [outFeatures],
                initialization is null ? Initialization.FanIn(inFeatures) : Initialization.Zeros))
            : null;
    }

    /// <summary>Gets the width of the input.</summary>
    public long InFeatures { get; }

    /// <summary>Gets the width of the output.</summary>
    public long OutFeatures { get; }

    /// <summary>Gets the stored weight.</summary>
    public LinearWeight Weight => _weight;

    /// <summary>Gets whether the layer has a bias.</summary>
    public bool HasBias => _bias is not null;

    /// <inheritdoc/>
    protected override IEnumerable<Parameter> OwnParameters => _weight.Parameters.Concat(base.OwnParameters);

    /// <summary>
    /// Computes x·Wᵀ + b plus the changes that are being trained and those of this thread's <see cref="DeltaScope"/>.
    /// </summary>
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

        _trained?.Apply(this, input, output);
        DeltaScope.Current?.Apply(this, input, output);
        return output;
    }
}
