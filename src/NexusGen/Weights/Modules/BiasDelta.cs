using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>A change of the bias of a linear layer.</summary>
/// <param name="bias">[count], what is added. The change takes ownership.</param>
/// <param name="start">The first output feature that changes.</param>
internal sealed class BiasDelta(Tensor bias, long start = 0) : LinearDelta(start, bias.shape[0])
{
    private readonly Tensor _bias = Keep(bias);

    /// <inheritdoc/>
    protected override IReadOnlyList<Tensor> Tensors => [_bias];

    /// <inheritdoc/>
    public override Tensor Apply(Tensor input, Func<Tensor, Tensor> product, double strength) =>
        _bias.to(input.dtype) * Scalars.Of(strength);

    /// <inheritdoc/>
    public override Tensor BiasChange() => _bias.to(ScalarType.Float32, CPU).clone();
}
