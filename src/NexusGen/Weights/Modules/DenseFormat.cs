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
            return Stored(matrix).Multiply(input, bias);
        }

        using Tensor converted = matrix.to(input.dtype);
        return MultiplyRows(input, converted, bias);
    }

    private static StoredMatrix Stored(Tensor matrix) => new(matrix.shape[0], matrix.shape[1], [matrix], Convert);

    private static void Convert(IReadOnlyList<Tensor> parts, long first, Tensor tile)
    {
        using Tensor source = parts[0].narrow(0, first, tile.shape[0]);
        tile.copy_(source);
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
