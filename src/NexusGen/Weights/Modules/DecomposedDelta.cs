using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// A change with a learned magnitude (DoRA, arXiv 2402.09353): the weight W becomes (W + scale · up · down) times a factor, which
/// is the magnitude divided by the norm of that sum: for each row, as PEFT has it, or for each column, as kohya's tools have it.
/// It takes a second product with the stored weight.
/// </summary>
internal sealed class DecomposedDelta : LinearDelta
{
    private readonly Tensor _down;
    private readonly Tensor _up;
    private readonly double _scale;
    private readonly Tensor _factor;
    private readonly bool _byColumn;

    private DecomposedDelta(Tensor down, Tensor up, double scale, Tensor factor, bool byColumn, long start)
        : base(start, up.shape[0])
    {
        (_down, _up, _scale, _byColumn) = (Keep(down), Keep(up), scale, byColumn);
        _factor = Keep(factor);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Tensor> Tensors => [_down, _up, _factor];

    /// <summary>Creates the change of a weight.</summary>
    /// <param name="down">[rank, in]. The change takes ownership, as of <paramref name="up"/>.</param>
    /// <param name="up">[count, rank].</param>
    /// <param name="scale">The scale of the low-rank product.</param>
    /// <param name="magnitude">[count], or [in] if it is one for each column.</param>
    /// <param name="byColumn">Whether the magnitude is that of columns.</param>
    /// <param name="weight">The rows of the stored weight that change, [count, in] in float32.</param>
    /// <param name="start">The first output feature that changes.</param>
    /// <returns>The change, or null if a norm is zero or not a number; the caller then keeps the tensors.</returns>
    public static DecomposedDelta? Of(
        Tensor down, Tensor up, double scale, Tensor magnitude, bool byColumn, Tensor weight, long start)
    {
        using var scope = NewDisposeScope();
        Tensor sum = weight.Plus(LowRankDelta.Product(down.cpu(), up.cpu(), scale));
        Tensor factor = magnitude.to(ScalarType.Float32, CPU) / sum.Squared().sum(byColumn ? 0 : 1).sqrt();
        return factor.isfinite().all().item<bool>()
            ? new DecomposedDelta(down, up, scale, factor.to(down.device), byColumn, start)
            : null;
    }

    /// <inheritdoc/>
    public override Tensor Apply(Tensor input, Func<Tensor, Tensor> product, double strength)
    {
        using var scope = NewDisposeScope();
        Tensor factor = _factor.to(input.dtype), more = factor - Scalars.Of(1);
        Tensor scaled = _byColumn ? input * factor : input;
        Tensor stored = product(_byColumn ? input * more : input).narrow(-1, Start, Count);
        Tensor low = DenseFormat.Multiply(DenseFormat.Multiply(scaled, _down, null), _up, null) * Scalars.Of(_scale);
        Tensor change = _byColumn ? stored.Plus(low) : (stored * more).Plus(low * factor);
        return (change * Scalars.Of(strength)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor WeightChange(Func<Tensor> weight)
    {
        using var scope = NewDisposeScope();
        Tensor stored = weight(), factor = _byColumn ? _factor.cpu() : _factor.cpu().unsqueeze(1);
        Tensor sum = stored.Plus(LowRankDelta.Product(_down.cpu(), _up.cpu(), _scale));
        return ((sum * factor) - stored).MoveToOuterDisposeScope();
    }
}
