using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// A weight that an adapter stores as a whole. It replaces the model's (<c>modules_to_save</c> of PEFT) or is added to it
/// (<c>.diff</c> of ComfyUI's files).
/// </summary>
/// <param name="matrix">[count, in]. The change takes ownership.</param>
/// <param name="replaces">Whether the matrix replaces the weight; otherwise, it is added.</param>
/// <param name="start">The first output feature that changes.</param>
internal sealed class ReplacedDelta(Tensor matrix, bool replaces, long start = 0) : LinearDelta(start, matrix.shape[0])
{
    private readonly Tensor _matrix = Keep(matrix);

    /// <inheritdoc/>
    protected override IReadOnlyList<Tensor> Tensors => [_matrix];

    /// <inheritdoc/>
    public override Tensor Apply(Tensor input, Func<Tensor, Tensor> product, double strength)
    {
        using var scope = NewDisposeScope();
        Tensor change = DenseFormat.Multiply(input, _matrix, null);
        if (replaces)
        {
            change = change - product(input).narrow(-1, Start, Count);
        }

        return (change * Scalars.Of(strength)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor WeightChange(Func<Tensor> weight)
    {
        using var scope = NewDisposeScope();
        Tensor wide = _matrix.to(ScalarType.Float32, CPU);
        return (replaces ? wide - weight() : wide.clone()).MoveToOuterDisposeScope();
    }
}
