using NexusGen.Torch.Autograd;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NexusGen.Weights.Modules;

/// <summary>
/// input · matrixᵀ + bias with a frozen matrix in a stored form. Only the stored tensors are kept for the backward pass, which
/// converts them once more; autograd would keep the converted matrix.
/// </summary>
internal sealed class FrozenProduct : AutogradFunction<FrozenProduct>
{
    private const string Matrix = "matrix";

    /// <summary>Computes the product.</summary>
    /// <param name="input">[…, in].</param>
    /// <param name="matrix">The matrix.</param>
    /// <param name="bias">[out] in the input's type, or null.</param>
    /// <returns>[…, out] in the input's type.</returns>
    public static Tensor Of(Tensor input, StoredMatrix matrix, Tensor? bias) =>
        apply(bias is null ? [input, matrix] : [input, matrix, bias]);

    /// <inheritdoc/>
    protected override Tensor Compute(AutogradContext ctx, object[] inputs)
    {
        var (input, matrix) = ((Tensor)inputs[0], (StoredMatrix)inputs[1]);

        // Their memory outlives a block that is unloaded before the backward pass.
        ctx.save_for_backward([.. matrix.Parts]);
        ctx.save_data(Matrix, matrix);
        return matrix.Product(input, inputs.Length > 2 ? (Tensor)inputs[2] : null);
    }

    /// <inheritdoc/>
    protected override IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient) =>
        [((StoredMatrix)ctx.get_data(Matrix) with { Parts = saved }).BackProduct(gradient)];
}
