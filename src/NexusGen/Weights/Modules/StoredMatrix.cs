using NexusGen.Torch;
using NexusGen.Torch.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Weights.Modules;

/// <summary>
/// A matrix that is stored in another form than the one that is computed with. Products convert some of its rows after the other:
/// converted as a whole, a large matrix would leave the processor's caches before it is used, and its pages would be new to the
/// process each time.
/// </summary>
/// <param name="OutFeatures">The number of rows.</param>
/// <param name="InFeatures">The number of columns.</param>
/// <param name="Parts">The stored tensors.</param>
/// <param name="Convert">
/// Converts rows from the first number on. Receives the stored tensors, the number and the target, [some rows, in], contiguous.
/// </param>
internal sealed record StoredMatrix(
    long OutFeatures, long InFeatures, IReadOnlyList<Tensor> Parts, Action<IReadOnlyList<Tensor>, long, Tensor> Convert)
{
    // 4 MB in float32.
    private const long TileElements = 1 << 20;

    /// <summary>Computes input · matrixᵀ + bias. A gradient flows to the input alone.</summary>
    /// <param name="input">[…, in].</param>
    /// <param name="bias">[out] in the input's type, or null.</param>
    /// <returns>[…, out] in the input's type.</returns>
    public Tensor Multiply(Tensor input, Tensor? bias) => Kernel.RequiresGradient(input)
        ? FrozenProduct.Of(input, this, bias)
        : Product(input, bias);

    /// <summary>Computes input · matrixᵀ + bias without a gradient.</summary>
    /// <inheritdoc cref="Multiply"/>
    public Tensor Product(Tensor input, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        Tensor rows = input.reshape(-1, InFeatures);
        Tensor output = empty([.. input.shape[..^1], OutFeatures], dtype: input.dtype, device: input.device);
        Tensor all = output.view(-1, OutFeatures);
        ForTiles(input, (converted, first) =>
        {
            long count = converted.shape[0];
            using Tensor? part = bias?.narrow(0, first, count);
            using Tensor target = all.narrow(1, first, count), product = F.linear(rows, converted, part);
            target.copy_(product);
        });
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Computes the gradient of the input of a product: gradient · matrix.</summary>
    /// <param name="gradient">[…, out].</param>
    /// <returns>[…, in] in the gradient's type.</returns>
    public Tensor BackProduct(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Tensor rows = gradient.reshape(-1, OutFeatures);
        Tensor sum = zeros([rows.shape[0], InFeatures], dtype: ScalarType.Float32, device: gradient.device);
        ForTiles(gradient, (converted, first) =>
        {
            using Tensor part = rows.narrow(1, first, converted.shape[0]), product = part.matmul(converted);
            sum.AddInPlace(product);
        });
        return sum.to(gradient.dtype).view([.. gradient.shape[..^1], InFeatures]).MoveToOuterDisposeScope();
    }

    private void ForTiles(Tensor operand, Action<Tensor, long> compute)
    {
        long height = operand.device_type == TorchSharp.DeviceType.CPU
            ? Math.Clamp(TileElements / InFeatures, 1, OutFeatures)
            : OutFeatures;
        using Tensor tile = empty([height, InFeatures], dtype: operand.dtype, device: operand.device);
        for (long first = 0; first < OutFeatures; first += height)
        {
            using Tensor converted = tile.narrow(0, 0, Math.Min(height, OutFeatures - first));
            Convert(Parts, first, converted);
            compute(converted, first);
        }
    }
}
