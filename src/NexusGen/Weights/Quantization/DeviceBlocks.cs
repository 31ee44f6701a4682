using NexusGen.Torch;
using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Weights.Quantization;

/// <summary>Computes the values of blocks by ATen's operators, on any device. The CPU has faster code.</summary>
internal static class DeviceBlocks
{
    private const int Parts = 8;

    /// <summary>Whether a format is supported.</summary>
    /// <param name="blocks">The format.</param>
    public static bool Supports(BlockFormat blocks) => blocks.Name is "Q4_0" or "Q8_0" or "Q4_K" or "Q6_K";

    /// <summary>Computes the values of a matrix.</summary>
    /// <param name="bytes">[rows, bytes of a row], uint8, contiguous.</param>
    /// <param name="blocks">A supported format.</param>
    /// <param name="type">The type of the result.</param>
    /// <returns>[rows, columns].</returns>
    public static Tensor Widen(Tensor bytes, BlockFormat blocks, ScalarType type)
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        Tensor all = bytes.reshape(-1, blocks.Bytes);
        Tensor values = blocks.Name switch
        {
            "Q4_0" => Half(all, 0) * Nibbles(all.narrow(1, 2, 16)).Plus(Scalars.Of(-8.0)),
            "Q8_0" => Half(all, 0) * Signed(all.narrow(1, 2, 32)),
            "Q4_K" => Q4K(all),
            "Q6_K" => Q6K(all),
            _ => throw new ArgumentException($"{blocks.Name} is not supported on this device.", nameof(blocks)),
        };
        return values.to(type).reshape(bytes.shape[0], -1).MoveToOuterDisposeScope();
    }

    private static Tensor Q4K(Tensor all)
    {
        Tensor packed = all.narrow(1, 4, 12);
        Tensor first = packed.narrow(1, 0, 4), second = packed.narrow(1, 4, 4), third = packed.narrow(1, 8, 4);
        Tensor scales = cat([And(first, 63), And(third, 15).Plus(Shift(first, 6) * Scalars.Of(16))], 1);
        Tensor minima = cat([And(second, 63), Shift(third, 4).Plus(Shift(second, 6) * Scalars.Of(16))], 1);
        Tensor numbers = Nibbles(all.narrow(1, 16, 128).reshape(-1, 32)).reshape(-1, Parts, 32);
        Tensor scale = (Half(all, 0) * Float(scales)).unsqueeze(2), minimum = (Half(all, 2) * Float(minima)).unsqueeze(2);
        return (scale * numbers) - minimum;
    }

    // In each half of a block: 64 bytes with the low four bits of 128 numbers, 32 bytes with their high two bits.
    private static Tensor Q6K(Tensor all)
    {
        Tensor low = all.narrow(1, 0, 128).reshape(-1, 2, 2, 32), high = all.narrow(1, 128, 64).reshape(-1, 2, 1, 32);
        Tensor fours = cat([And(low, 15), Shift(low, 4)], 2);
        Tensor twos = cat([And(high, 3), And(Shift(high, 2), 3), And(Shift(high, 4), 3), Shift(high, 6)], 2);
        Tensor numbers = Float(fours.Plus(twos * Scalars.Of(16))).Plus(Scalars.Of(-32.0));
        Tensor scales = Half(all, 208) * Signed(all.narrow(1, 192, 16));
        return numbers.reshape(-1, 16, 16) * scales.unsqueeze(2);
    }

    // The low halves of the bytes of a row, then the high halves.
    private static Tensor Nibbles(Tensor bytes) => Float(cat([And(bytes, 15), Shift(bytes, 4)], 1));

    private static Tensor And(Tensor bytes, int mask) => bytes.bitwise_and(tensor((byte)mask).to(bytes.device));

    private static Tensor Shift(Tensor bytes, int bits) => bytes.bitwise_right_shift(tensor((byte)bits).to(bytes.device));

    private static Tensor Signed(Tensor bytes) => Float(Ops.Reinterpret(bytes.contiguous(), ScalarType.Int8));

    private static Tensor Half(Tensor bytes, int offset) =>
        Float(Ops.Reinterpret(bytes.narrow(1, offset, 2).contiguous(), ScalarType.Float16));

    private static Tensor Float(Tensor values) => values.to(ScalarType.Float32);
}
