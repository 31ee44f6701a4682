using NexusGen.Weights.Quantization;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>A weight in blocks.</summary>
/// <param name="bytes">[out, bytes of a row], uint8.</param>
/// <param name="blocks">The format of the blocks.</param>
/// <param name="inFeatures">The number of columns.</param>
internal sealed class BlockWeight(Parameter bytes, BlockFormat blocks, long inFeatures) : LinearWeight
{
    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [bytes];

    /// <inheritdoc/>
    public override Tensor Multiply(Tensor input, Tensor? bias)
    {
        Tensor matrix = bytes.Value;
        if (BlockVectorKernel.Supports(input, matrix, bias, inFeatures))
        {
            return BlockVectorKernel.Run(input, matrix, blocks, bias);
        }

        return new StoredMatrix(matrix.shape[0], inFeatures, [matrix], Convert).Multiply(input, bias);
    }

    /// <inheritdoc/>
    public override Tensor Widen(ScalarType type)
    {
        Tensor matrix = bytes.Value, wide = empty([matrix.shape[0], inFeatures], dtype: type, device: matrix.device);
        Convert([matrix], 0, wide);
        return wide;
    }

    private void Convert(IReadOnlyList<Tensor> parts, long first, Tensor tile)
    {
        bool onCpu = tile.device_type == TorchSharp.DeviceType.CPU;
        if (onCpu && tile.dtype is (ScalarType.Float32 or ScalarType.BFloat16))
        {
            BlockMatrix.Widen(parts[0], blocks, first, tile);
            return;
        }

        using var scope = NewDisposeScope();
        if (!onCpu)
        {
            tile.copy_(DeviceBlocks.Widen(parts[0].narrow(0, first, tile.shape[0]), blocks, tile.dtype));
            return;
        }

        Tensor wide = empty(tile.shape, dtype: ScalarType.Float32);
        BlockMatrix.Widen(parts[0], blocks, first, wide);
        tile.copy_(wide);
    }
}
