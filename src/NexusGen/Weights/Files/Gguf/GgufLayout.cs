using System.Collections.Immutable;
using System.Text;
using NexusGen.Weights.Quantization;

namespace NexusGen.Weights.Files.Gguf;

/// <summary>Makes the header of a GGUF file (version 3) and places its tensors, each at a multiple of the alignment.</summary>
internal static class GgufLayout
{
    /// <summary>The alignment of tensors; the format's default.</summary>
    public const int Alignment = 32;

    /// <summary>Makes a header.</summary>
    /// <param name="metadata">The metadata: numbers, booleans, strings, and arrays of these.</param>
    /// <param name="tensors">The tensors in their order: name, shape in row-major order, type.</param>
    /// <returns>The bytes before the first tensor, and the offset of each tensor in the file.</returns>
    public static (byte[] Header, long[] Offsets) Arrange(
        IReadOnlyDictionary<string, object> metadata,
        IReadOnlyList<(string Name, ImmutableArray<long> Shape, GgmlType Type)> tensors)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(GgufHeader.Magic);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach ((string key, object value) in metadata)
        {
            WriteText(writer, key);
            WriteValue(writer, value);
        }

        long[] offsets = new long[tensors.Count];
        long next = 0;
        foreach ((int i, (string name, ImmutableArray<long> shape, GgmlType type)) in tensors.Index())
        {
            WriteText(writer, name);
            writer.Write((uint)shape.Length);
            foreach (long side in shape.Reverse())
            {
                writer.Write((ulong)side);
            }

            writer.Write(type.Number);
            writer.Write((ulong)next);
            offsets[i] = next;
            next = Align(checked(next + ByteLength(type, shape)));
        }

        writer.Flush();
        long start = Align(stream.Length);
        stream.SetLength(start);
        return (stream.ToArray(), [.. offsets.Select(offset => offset + start)]);
    }

    /// <summary>Computes how many bytes a tensor takes.</summary>
    /// <param name="type">The type.</param>
    /// <param name="shape">The shape, whose last side is a multiple of a block.</param>
    public static long ByteLength(GgmlType type, ImmutableArray<long> shape)
    {
        TensorLayout.TryCount(shape.AsSpan(), out long count);
        return type.Blocks is { } blocks
            ? checked(count / blocks.Values * blocks.Bytes)
            : checked(count * TensorTypes.SizeOf(type.Plain!.Value));
    }

    /// <summary>Returns the next multiple of the alignment.</summary>
    public static long Align(long position) => (position + Alignment - 1) / Alignment * Alignment;

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteValue(BinaryWriter writer, object value)
    {
        if (value is Array array)
        {
            (GgufValueType element, Action<BinaryWriter, object> writeElement) = KindOf(array.GetType().GetElementType()!);
            writer.Write((uint)GgufValueType.Array);
            writer.Write((uint)element);
            writer.Write((ulong)array.LongLength);
            foreach (object item in array)
            {
                writeElement(writer, item);
            }

            return;
        }

        (GgufValueType type, Action<BinaryWriter, object> write) = KindOf(value.GetType());
        writer.Write((uint)type);
        write(writer, value);
    }

    private static (GgufValueType Type, Action<BinaryWriter, object> Write) KindOf(Type type) => type switch
    {
        _ when type == typeof(byte) => (GgufValueType.UInt8, (writer, value) => writer.Write((byte)value)),
        _ when type == typeof(sbyte) => (GgufValueType.Int8, (writer, value) => writer.Write((sbyte)value)),
        _ when type == typeof(ushort) => (GgufValueType.UInt16, (writer, value) => writer.Write((ushort)value)),
        _ when type == typeof(short) => (GgufValueType.Int16, (writer, value) => writer.Write((short)value)),
        _ when type == typeof(uint) => (GgufValueType.UInt32, (writer, value) => writer.Write((uint)value)),
        _ when type == typeof(int) => (GgufValueType.Int32, (writer, value) => writer.Write((int)value)),
        _ when type == typeof(float) => (GgufValueType.Float32, (writer, value) => writer.Write((float)value)),
        _ when type == typeof(bool) => (GgufValueType.Bool, (writer, value) => writer.Write((byte)((bool)value ? 1 : 0))),
        _ when type == typeof(string) => (GgufValueType.String, (writer, value) => WriteText(writer, (string)value)),
        _ when type == typeof(ulong) => (GgufValueType.UInt64, (writer, value) => writer.Write((ulong)value)),
        _ when type == typeof(long) => (GgufValueType.Int64, (writer, value) => writer.Write((long)value)),
        _ when type == typeof(double) => (GgufValueType.Float64, (writer, value) => writer.Write((double)value)),
        _ => throw new ArgumentException($"Metadata of the type {type} can't be written.", nameof(type)),
    };
}
