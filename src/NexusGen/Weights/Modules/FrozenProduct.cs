using NexusGen.Torch.Autograd;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NexusGen.Weights.Modules;

/// <summary>
/// input · matrixᵀ + bias with a frozen matrix of another type than the input. Only the stored matrix is kept for the backward
/// pass, which converts it once more. Its inputs are the input, the matrix and, if there is one, the bias.
/// </summary>
internal sealed class FrozenProduct : AutogradFunction<FrozenProduct>
{
    /// <inheritdoc/>
    protected override Tensor Compute(AutogradContext ctx, object[] inputs)
    {
        var (input, matrix) = ((Tensor)inputs[0], (Tensor)inputs[1]);
        ctx.save_for_backward([matrix]);
        return DenseFormat.MultiplyTiles(input, matrix, inputs.Length > 2 ? (Tensor)inputs[2] : null);
    }

    /// <inheritdoc/>
    protected override IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient) =>
        [DenseFormat.MultiplyBackTiles(gradient, saved[0])];
}
