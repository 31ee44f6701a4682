using NexusGen.Torch.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Weights.Modules;

/// <summary>
/// The weight as a plain matrix: in the placement's precision (<see cref="Instance"/>), or in a narrower type that is widened
/// at each use (<see cref="Float8"/>, what the official code calls fp8 quantization).
/// </summary>
public sealed class DenseFormat : ILinearFormat
{
    private readonly ScalarType? _type;

    private DenseFormat(string name, ScalarType? type)
    {
        Name = name;
        _type = type;
    }

    /// <summary>In the placement's precision.</summary>
    public static DenseFormat Instance { get; } = new("dense", null);

    /// <summary>In 8-bit floating point, 4 bits of exponent and 3 of mantissa (float8_e4m3fn); half the bytes of bfloat16.</summary>
    public static DenseFormat Float8 { get; } = new("fp8", (ScalarType)24);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public LinearWeight Load(WeightSource source, long outFeatures, long inFeatures, Initialization initialization) =>
        new DenseWeight(source.Parameter("weight", [outFeatures, inFeatures], initialization, _type ?? source.Options.Placement.Precision));

    private sealed class DenseWeight(Parameter weight) : LinearWeight
    {
        public override IEnumerable<Parameter> Parameters => [weight];

        public override Tensor Multiply(Tensor input, Tensor? bias)
        {
            if (weight.Value.dtype != input.dtype)
            {
                using Tensor widened = weight.Value.to(input.dtype);
                return Multiply(input, widened, bias);
            }

            return MatrixVectorKernel.Fits(input, weight.Value, bias)
                ? MatrixVectorKernel.Run(input, weight.Value, bias)
                : Multiply(input, weight.Value, bias);
        }

        // As one matrix: of a part of a longer sequence with its leading dimension oneDNN would take the slow way.
        private static Tensor Multiply(Tensor input, Tensor matrix, Tensor? bias)
        {
            if (input.dim() <= 2)
            {
                return F.linear(input, matrix, bias);
            }

            using Tensor rows = input.reshape(-1, matrix.shape[1]);
            using Tensor output = F.linear(rows, matrix, bias);
            return output.view([.. input.shape[..^1], matrix.shape[0]]);
        }

        public override Tensor Widen(ScalarType type) => weight.Value.to(type);
    }
}
