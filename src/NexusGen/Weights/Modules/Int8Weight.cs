using NexusGen.Torch.Kernels;
using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>A weight of signed bytes with a scale for each row.</summary>
/// <param name="numbers">[out, in], int8.</param>
/// <param name="scales">[out], float32.</param>
/// <param name="isTrainedOn">
/// Whether products are computed in floating point in any case. A training needs that: with gradient checkpointing, a block is
/// first computed without and then with gradients, which must give the same result.
/// </param>
internal sealed class Int8Weight(Parameter numbers, Parameter scales, bool isTrainedOn) : LinearWeight
{
    // libtorch's integer product on CUDA requires more than 16 rows and sides that are multiples of 8.
    private const int CudaRows = 16, CudaMultiple = 8;

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [numbers, scales];

    /// <inheritdoc/>
    public override Tensor Multiply(Tensor input, Tensor? bias)
    {
        Tensor weight = numbers.Value, factors = scales.Value;
        if (MatrixVectorKernel.SupportsBytes(input, weight, bias))
        {
            return MatrixVectorKernel.Run(input, weight, bias, factors);
        }

        (long rows, long width) = (input.NumberOfElements / weight.shape[1], weight.shape[1]);
        bool integers = weight.device_type == TorchSharp.DeviceType.CPU
            || (weight.device_type == TorchSharp.DeviceType.CUDA && rows > CudaRows
                && width % CudaMultiple == 0 && weight.shape[0] % CudaMultiple == 0);
        using var scope = NewDisposeScope();
        if (!integers || rows == 0 || isTrainedOn || Kernel.RequiresGradient(input))
        {
            return new StoredMatrix(weight.shape[0], width, [weight, factors], Convert).Multiply(input, bias)
                .MoveToOuterDisposeScope();
        }

        Tensor flat = input.reshape(rows, width).contiguous();
        (Tensor bytes, Tensor rowScales) = RowQuantizeKernel.Run(flat);
        Tensor sums = Ops.IntegerProduct(bytes, weight.t());
        Tensor output = IntegerProductKernel.Run(sums, rowScales, factors, bias, input.dtype);
        return output.view([.. input.shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Widen(ScalarType type)
    {
        Tensor wide = empty(numbers.Value.shape, dtype: type, device: numbers.Value.device);
        Convert([numbers.Value, scales.Value], 0, wide);
        return wide;
    }

    // In float32: a scale that is rounded to bfloat16 would change a whole row.
    private static void Convert(IReadOnlyList<Tensor> parts, long first, Tensor tile)
    {
        using var scope = NewDisposeScope();
        Tensor rows = parts[0].narrow(0, first, tile.shape[0]), factors = parts[1].narrow(0, first, tile.shape[0]);
        tile.copy_(rows.to(ScalarType.Float32) * factors.unsqueeze(1));
    }
}
