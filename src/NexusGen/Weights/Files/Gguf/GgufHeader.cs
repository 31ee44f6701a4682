using System.Collections.Immutable;
using NexusGen.Weights.Quantization;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Gguf;

/// <summary>
/// The header of a GGUF file: metadata and the descriptions of the tensors, all checked against the file. The format is that of
/// docs/gguf.md in github.com/ggml-org/ggml, versions 2 and 3.
/// </summary>
internal sealed class GgufHeader
{
    /// <summary>The first four bytes of a file.</summary>
    public const uint Magic = 0x46554747;

    private const string AlignmentKey = "general.alignment";
    private const int DefaultAlignment = 32, MaxRank = 4;

    private readonly WeightFile _file;
    private readonly OrderedDictionary<string, object> _metadata = new(StringComparer.Ordinal);
    private readonly List<TensorEntry> _tensors = [];

    private GgufHeader(WeightFile file) => _file = file;

    /// <summary>Gets the metadata: numbers, booleans, strings and arrays of these.</summary>
    public IReadOnlyDictionary<string, object> Metadata => _metadata;

    /// <summary>
    /// Gets the tensors in the order of the file. Those of a type with blocks have the type float32 and
    /// <see cref="TensorEntry.Blocks"/>; the shapes are in row-major order.
    /// </summary>
    public IReadOnlyList<TensorEntry> Tensors => _tensors;

    /// <summary>Reads and checks the header of a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="WeightFileException">The header is malformed or does not match the file.</exception>
    public static GgufHeader Read(WeightFile file)
    {
        var header = new GgufHeader(file);
        header.Parse(new GgufReader(file));
        return header;
    }

    /// <summary>Returns a metadata value if it is a string, or null.</summary>
    /// <param name="key">The key.</param>
    public string? Text(string key) => _metadata.GetValueOrDefault(key) as string;

    /// <summary>Returns a metadata value if it is an integer of at least 0, or null.</summary>
    /// <param name="key">The key.</param>
    public long? Number(string key) => _metadata.GetValueOrDefault(key) switch
    {
        byte value => value,
        ushort value => value,
        uint value => value,
        ulong value when value <= long.MaxValue => (long)value,
        sbyte value when value >= 0 => value,
        short value when value >= 0 => value,
        int value when value >= 0 => value,
        long value when value >= 0 => value,
        _ => null,
    };

    private void Parse(GgufReader reader)
    {
        if (reader.ReadUInt32() != Magic)
        {
            throw Refuse($"The file {_file.Path} is not a GGUF file: it does not begin with GGUF.");
        }

        uint version = reader.ReadUInt32();
        if (version is not (2 or 3))
        {
            string why = version is > 0 and < 2 ? "which is too old; convert the model again"
                : (version & 0xFFFF) == 0 ? "so it was written for a big-endian processor, which is not supported"
                : "which is not known; versions 2 and 3 are read";
            throw Refuse($"The file {_file.Path} has version {version} of the GGUF format, {why}.");
        }

        int tensors = reader.ReadCount("tensors", 24), pairs = reader.ReadCount("metadata values", 13);
        for (int i = 0; i < pairs; i++)
        {
            string key = reader.ReadString("a key of the metadata");
            object value = reader.ReadValue(reader.ReadUInt32(), key);
            if (!_metadata.TryAdd(key, value))
            {
                throw Refuse($"The metadata of {_file.Path} has {GgufReader.Visible(key)} twice.");
            }
        }

        long alignment = Alignment();
        List<(string Name, long[] Shape, uint Type, ulong Offset)> found = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < tensors; i++)
        {
            string name = reader.ReadString("the name of a tensor");
            CheckName(name, names);
            found.Add((name, Shape(reader, name), reader.ReadUInt32(), reader.ReadUInt64()));
        }

        long start = (reader.Position + alignment - 1) / alignment * alignment;
        foreach ((string name, long[] shape, uint type, ulong offset) in found)
        {
            _tensors.Add(Entry(name, shape, type, offset, start, alignment));
        }

        CheckRanges(start, alignment);
    }

    private long Alignment()
    {
        if (!_metadata.TryGetValue(AlignmentKey, out object? value))
        {
            return DefaultAlignment;
        }

        long alignment = Number(AlignmentKey) ?? 0;
        return alignment is > 0 and <= 1 << 30 && long.IsPow2(alignment)
            ? alignment
            : throw Refuse(
                $"The {AlignmentKey} of {_file.Path} is {GgufReader.Visible($"{value}")}, which is not a power of two.");
    }

    private void CheckName(string name, HashSet<string> names)
    {
        if (!names.Add(name))
        {
            throw Refuse($"The file {_file.Path} has the tensor {GgufReader.Visible(name)} twice.");
        }

        if (name.Length == 0 || name.Any(char.IsControl))
        {
            throw Refuse($"The file {_file.Path} has a tensor named \"{GgufReader.Visible(name)}\", which is no valid name.");
        }
    }

    // The file has the columns first.
    private long[] Shape(GgufReader reader, string name)
    {
        uint rank = reader.ReadUInt32();
        if (rank > MaxRank)
        {
            throw Refuse(
                $"The tensor {GgufReader.Visible(name)} in {_file.Path} has {rank} dimensions; the format allows {MaxRank}.");
        }

        long[] shape = new long[rank];
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            ulong side = reader.ReadUInt64();
            shape[i] = side <= long.MaxValue
                ? (long)side
                : throw Refuse($"The tensor {GgufReader.Visible(name)} in {_file.Path} has a dimension of {side}.");
        }

        return shape;
    }

    private TensorEntry Entry(string name, long[] shape, uint number, ulong offset, long start, long alignment)
    {
        string shown = $"The tensor {GgufReader.Visible(name)} in {_file.Path}";
        GgmlType type = GgmlTypes.Find(number)
            ?? throw Refuse(
                $"{shown} has type {number} of ggml, which is not known or was removed; convert the model to another type.");
        ImmutableArray<long> sides = [.. shape];
        int unit = type.Blocks?.Values ?? 1, bytes = type.Blocks?.Bytes ?? TensorTypes.SizeOf(type.Plain!.Value);
        if (!TensorLayout.TryCount(shape, out long count) || count / unit > long.MaxValue / bytes)
        {
            throw Refuse($"{shown} has the shape {TensorLayout.Format(sides)}, which exceeds all limits.");
        }

        long columns = shape.Length == 0 ? 1 : shape[^1];
        if (columns % unit != 0)
        {
            throw Refuse($"{shown} has {columns} columns, which is not a multiple of the {unit} values of a {type.Name} block.");
        }

        long length = count / unit * bytes;
        if (offset % (ulong)alignment != 0)
        {
            throw Refuse($"{shown} begins at byte {offset} of the data, which is not a multiple of the alignment {alignment}.");
        }

        return offset <= long.MaxValue && start <= _file.Length - length && (long)offset <= _file.Length - length - start
            ? new TensorEntry(name, type.Plain ?? ScalarType.Float32, sides, _file.Path, start + (long)offset, length)
            {
                Blocks = type.Blocks,
            }
            : throw Refuse($"{shown} ends after the end of the file ({length} bytes from byte {offset} of the data): "
                + "it is truncated; download it again.");
    }

    // As in ggml, the tensors follow each other without gaps other than those of the alignment.
    private void CheckRanges(long start, long alignment)
    {
        long expected = start;
        string before = "the header";
        foreach (TensorEntry tensor in _tensors.OrderBy(tensor => (tensor.Offset, tensor.ByteLength)))
        {
            if (tensor.Offset != expected)
            {
                throw Refuse(tensor.Offset < expected
                    ? $"The tensors {before} and {tensor.Name} overlap in {_file.Path}."
                    : $"There is a gap of {tensor.Offset - expected} bytes between {before} and {tensor.Name} in {_file.Path}.");
            }

            long end = tensor.Offset + tensor.ByteLength;
            expected = end > long.MaxValue - alignment ? long.MaxValue : (end + alignment - 1) / alignment * alignment;
            before = tensor.Name;
        }
    }

    private static WeightFileException Refuse(string message) => new(message);
}
