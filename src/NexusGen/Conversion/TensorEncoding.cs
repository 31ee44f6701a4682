using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Scaled;
using NexusGen.Weights.Quantization;
using static TorchSharp.torch;

namespace NexusGen.Conversion;

/// <summary>How the values of a tensor are stored: as plain numbers or as blocks. Thread-safe.</summary>
internal sealed class TensorEncoding
{
    private readonly GgmlType.Quantizer? _encode;

    private TensorEncoding(string name, ScalarType? plain, GgmlType? ggml, GgmlType.Quantizer? encode)
    {
        (Name, Plain, Ggml, _encode) = (name, plain, ggml, encode);
        Unit = ggml?.Blocks?.Values ?? 1;
        UnitBytes = ggml?.Blocks?.Bytes ?? TensorTypes.SizeOf(plain!.Value);
    }

    /// <summary>Gets the name of the type.</summary>
    public string Name { get; }

    /// <summary>Gets the type of the numbers if they are plain; otherwise, null.</summary>
    public ScalarType? Plain { get; }

    /// <summary>Gets the type of ggml if there is one; otherwise, null.</summary>
    public GgmlType? Ggml { get; }

    /// <summary>Gets the number of values that are stored together.</summary>
    public int Unit { get; }

    /// <summary>Gets the number of bytes of <see cref="Unit"/> values.</summary>
    public int UnitBytes { get; }

    /// <summary>Gets whether values can be converted into the type; otherwise, they can only be copied.</summary>
    public bool CanEncode => _encode is not null;

    /// <summary>Returns the encoding of a plain type.</summary>
    /// <param name="type">The type.</param>
    public static TensorEncoding Of(ScalarType type) => type switch
    {
        ScalarType.Float32 => Of(GgmlTypes.Find("F32")!),
        ScalarType.Float16 => Of(GgmlTypes.Find("F16")!),
        ScalarType.BFloat16 => Of(GgmlTypes.Find("BF16")!),
        TensorTypes.Float8E4M3 => new(TensorTypes.NameOf(type), type, null, Float8Quantizer.Run),
        _ => new(TensorTypes.NameOf(type), type, null, null),
    };

    /// <summary>Returns the encoding of a type of ggml.</summary>
    /// <param name="type">The type.</param>
    public static TensorEncoding Of(GgmlType type) => new(type.Name, type.Plain, type, type.Quantize);

    /// <summary>Computes how many bytes a tensor takes.</summary>
    /// <param name="shape">The shape.</param>
    public long ByteLength(ImmutableArray<long> shape)
    {
        TensorLayout.TryCount(shape.AsSpan(), out long count);
        return checked(count / Unit * UnitBytes);
    }

    /// <summary>Converts values.</summary>
    /// <param name="values">The values: a multiple of <see cref="Unit"/>.</param>
    /// <param name="bytes">Receives the bytes.</param>
    public void Encode(ReadOnlySpan<float> values, Span<byte> bytes) => _encode!(values, bytes);

    /// <summary>Computes the values again, as readers do.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="values">Receives the values.</param>
    public unsafe void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (Ggml?.Blocks is { } blocks)
        {
            fixed (byte* source = bytes)
            fixed (float* target = values)
            {
                blocks.Widen(source, target, values.Length / blocks.Values);
            }

            return;
        }

        switch (Plain)
        {
            case ScalarType.Float32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case ScalarType.Float16:
                ReadOnlySpan<Half> numbers = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)numbers[i];
                }

                break;
            case ScalarType.BFloat16:
                ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
                }

                break;
            default:
                ReadOnlySpan<float> codes = Float8Values.Of(Plain!.Value);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = codes[bytes[i]];
                }

                break;
        }
    }
}
