using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>A low-rank change (LoRA, arXiv 2106.09685): scale · up · down is added to the weight.</summary>
/// <param name="down">[rank, in]. The change takes ownership, as of <paramref name="up"/>.</param>
/// <param name="up">[count, rank].</param>
/// <param name="scale">The scale, α/rank in the paper.</param>
/// <param name="start">The first output feature that changes.</param>
internal sealed class LowRankDelta(Tensor down, Tensor up, double scale, long start = 0) : LinearDelta(start, up.shape[0])
{
    private readonly Tensor _down = Keep(down);
    private readonly Tensor _up = Keep(up);

    /// <summary>Gets the first half of the product, [rank, in].</summary>
    public Tensor Down => _down;

    /// <summary>Gets the second half of the product, [count, rank].</summary>
    public Tensor Up => _up;

    /// <summary>Gets the scale of the product.</summary>
    public double Scale => scale;

    /// <inheritdoc/>
    protected override IReadOnlyList<Tensor> Tensors => [_down, _up];

    /// <inheritdoc/>
    public override Tensor Apply(Tensor input, Func<Tensor, Tensor> product, double strength) =>
        DenseFormat.Multiply(DenseFormat.Multiply(input, _down, null), _up, null) * Scalars.Of(scale * strength);

    /// <inheritdoc/>
    public override Tensor WeightChange(Func<Tensor> weight) => Product(_down, _up, scale);

    /// <summary>Computes scale · up · down.</summary>
    /// <param name="down">[rank, in].</param>
    /// <param name="up">[count, rank].</param>
    /// <param name="scale">The scale.</param>
    /// <returns>[count, in] in float32.</returns>
    public static Tensor Product(Tensor down, Tensor up, double scale) =>
        up.to(ScalarType.Float32).matmul(down.to(ScalarType.Float32)) * Scalars.Of(scale);
}
