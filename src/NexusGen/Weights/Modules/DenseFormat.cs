using NexusGen.Torch;
using NexusGen.Torch.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Stores the weight as a plain matrix: in the placement's type of storage (<see cref="Instance"/>) or in 8 bits
/// (<see cref="Float8"/>, which the official code calls fp8 quantization). A type that is narrower than the input's is widened at
/// each use.
/// </summary>
public sealed class DenseFormat : LinearFormat
{
    // 4 MB in float32.
    private const long TileElements = 1 << 20;

    private readonly ScalarType? _type;

    private DenseFormat(string name, ScalarType? type)
        : base(name) => _type = type;

    /// <summary>Gets the format with the placement's type of storage.</summary>
    public static DenseFormat Instance { get; } = new("dense", null);

    /// <summary>
    /// Gets the format with 8-bit floating point, 4 exponent and 3 mantissa bits (float8_e4m3fn); half the bytes of bfloat16.
    /// </summary>
    public static DenseFormat Float8 { get; } = new("fp8", (ScalarType)24);

    /// <inheritdoc/>
    internal override LinearWeight Load(WeightSource source, long outFeatures, long inFeatures, Initialization initialization) =>
        new DenseWeight(
            source.Parameter(
                "weight", [outFeatures, inFeatures], initialization, _type ?? source.Options.Placement.Storage));

    /// <summary>Computes input · matrixᵀ + bias.</summary>
    /// <param name="input">[…, in].</param>
    /// <param name="matrix">[out, in], of any type; another type than the input's is converted.</param>
    /// <param name="bias">[out] in the input's type, or null.</param>
    /// <returns>[…, out] in the input's type.</returns>
    internal static Tensor Multiply(Tensor input, Tensor matrix, Tensor? bias)
    {
        if (MatrixVectorKernel.Supports(input, matrix, bias))
        {
            return MatrixVectorKernel.Run(input, matrix, bias);
        }

        if (matrix.dtype == input.dtype)
        {
            return MultiplyRows(input, matrix, bias);
        }

        if (!Kernel.RequiresGradient(matrix, bias ?? matrix))
        {
            if (Kernel.RequiresGradient(input))
            {
                // Autograd would keep the converted matrix until the backward pass; a frozen one is converted again there.
                return FrozenProduct.apply(bias is null ? [input, matrix] : [input, matrix, bias]);
            }

            if (matrix.device_type == TorchSharp.DeviceType.CPU)
            {
                return MultiplyTiles(input, matrix, bias);
            }
        }

        using Tensor converted = matrix.to(input.dtype);
        return MultiplyRows(input, converted, bias);
    }

    // Converts and multiplies some rows of the matrix after the other. Converted as a whole, a large matrix would leave the
    // processor's caches before it is used, and its pages would be new to the process each time.
    internal static Tensor MultiplyTiles(Tensor input, Tensor matrix, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        (long outFeatures, long inFeatures) = (matrix.shape[0], matrix.shape[1]);
        Tensor rows = input.reshape(-1, inFeatures);
        Tensor output = empty([.. input.shape[..^1], outFeatures], dtype: input.dtype, device: input.device);
        Tensor all = output.view(-1, outFeatures);
        ForTiles(matrix, input.dtype, (converted, first) =>
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
    /// <param name="matrix">[out, in], of another type.</param>
    /// <returns>[…, in] in the gradient's type.</returns>
    internal static Tensor MultiplyBackTiles(Tensor gradient, Tensor matrix)
    {
        using var scope = NewDisposeScope();
        Tensor rows = gradient.reshape(-1, matrix.shape[0]);
        Tensor sum = zeros([rows.shape[0], matrix.shape[1]], dtype: ScalarType.Float32, device: gradient.device);
        ForTiles(matrix, gradient.dtype, (converted, first) =>
        {
            using Tensor part = rows.narrow(1, first, converted.shape[0]), product = part.matmul(converted);
            sum.AddInPlace(product);
        });
        return sum.to(gradient.dtype).view([.. gradient.shape[..^1], matrix.shape[1]]).MoveToOuterDisposeScope();
    }

    private static void ForTiles(Tensor matrix, ScalarType type, Action<Tensor, long> compute)
    {
        (long outFeatures, long inFeatures) = (matrix.shape[0], matrix.shape[1]);
        long height = matrix.device_type == TorchSharp.DeviceType.CPU
            ? Math.Clamp(TileElements / inFeatures, 1, outFeatures)
            : outFeatures;
        using Tensor tile = empty([height, inFeatures], dtype: type, device: matrix.device);
        for (long first = 0; first < outFeatures; first += height)
        {
            long count = Math.Min(height, outFeatures - first);
            using Tensor source = matrix.narrow(0, first, count), converted = tile.narrow(0, 0, count);
            converted.copy_(source);
            compute(converted, first);
        }
    }

    // Flattened to one matrix: for a slice of a longer sequence with its batch dimension, oneDNN would take a slow path.
    private static Tensor MultiplyRows(Tensor input, Tensor matrix, Tensor? bias)
    {
        if (input.dim() <= 2)
        {
            return F.linear(input, matrix, bias);
        }

        using Tensor rows = input.reshape(-1, matrix.shape[1]);
        using Tensor output = F.linear(rows, matrix, bias);
        return output.view([.. input.shape[..^1], matrix.shape[0]]);
    }

    private sealed class DenseWeight(Parameter weight) : LinearWeight
    {
        public override IEnumerable<Parameter> Parameters => [weight];

        public override Tensor Multiply(Tensor input, Tensor? bias) => DenseFormat.Multiply(input, weight.Value, bias);

        public override Tensor Widen(ScalarType type) => weight.Value.to(type);
    }
}
