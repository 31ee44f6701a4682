using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Safetensors;

/// <summary>
/// The header of a safetensors file. The file consists of an eight-byte header length, a JSON object that describes the tensors,
/// and their bytes without gaps. Everything in the header is checked against the file. The format is that of
/// github.com/huggingface/safetensors.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The length limit of the header, the same as in the official implementation.</summary>
    public const long MaxBytes = 100_000_000;

    private readonly WeightFile _file;
    private readonly List<TensorEntry> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private long _dataStart;

    private SafetensorsHeader(WeightFile file) => _file = file;

    /// <summary>Gets the tensors in the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Tensors => _tensors;

    /// <summary>Gets the strings of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Reads and checks the header of a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="WeightFileException">The header is malformed or does not match the file.</exception>
    public static SafetensorsHeader Read(WeightFile file)
    {
        var header = new SafetensorsHeader(file);
        byte[] json = header.ReadJson();
        header._dataStart = 8 + json.Length;
        try
        {
            header.Parse(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new WeightFileException($"The header of {file.Path} is not the JSON of a safetensors file: {e.Message}", e);
        }

        header.CheckRanges();
        return header;
    }

    private byte[] ReadJson()
    {
        if (_file.Length < 8)
        {
            throw Refuse(
                $"The file {_file.Path} has only {_file.Length} bytes, too few for a safetensors file: it is truncated; download "
                + "it again.");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(_file.ReadBytes(0, 8));
        if (length > MaxBytes)
        {
            throw Refuse(
                $"The file {_file.Path} claims a header of {length} bytes, more than the {MaxBytes} that a safetensors file "
                + "may have: it is damaged or of another format.");
        }

        if ((long)length > _file.Length - 8)
        {
            throw Refuse(
                $"The file {_file.Path} claims a header of {length} bytes but has only {_file.Length} bytes in total: it "
                + "is truncated; download it again.");
        }

        byte[] json = _file.ReadBytes(8, (int)length);
        return json.Length > 0 && json[0] == (byte)'{'
            ? json
            : throw Refuse($"The header of {_file.Path} is not the JSON of a safetensors file: it does not begin with a brace.");
    }

    private void Parse(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!_names.Add(name))
            {
                throw Refuse($"The header of {_file.Path} names {name} twice.");
            }

            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Refuse($"The value of {name} in the header of {_file.Path} is not an object.");
            }

            if (name == "__metadata__")
            {
                ParseMetadata(ref reader);
            }
            else
            {
                ParseTensor(ref reader, name);
            }
        }

        // Makes the reader throw on anything but white space after the object.
        while (reader.Read())
        {
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Refuse($"The value of {key} in the __metadata__ of {_file.Path} is not a string.");
            }

            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw Refuse($"The __metadata__ of {_file.Path} names {key} twice.");
            }
        }
    }

    private void ParseTensor(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        long[]? shape = null;
        long[]? range = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            reader.Read();
            bool repeated = field switch
            {
                "dtype" => type is not null,
                "shape" => shape is not null,
                "data_offsets" => range is not null,
                _ => throw Refuse($"The tensor {name} in {_file.Path} has an unknown field {field} in its header."),
            };
            if (repeated)
            {
                throw Refuse($"The tensor {name} in {_file.Path} has the field {field} twice in its header.");
            }

            switch (field)
            {
                case "dtype":
                    type = reader.TokenType == JsonTokenType.String
                        ? reader.GetString()!
                        : throw Refuse($"The tensor {name} in {_file.Path} has a dtype that is not a string.");
                    break;
                case "shape":
                    shape = ParseNumbers(ref reader, name, field);
                    break;
                default:
                    range = ParseNumbers(ref reader, name, field);
                    break;
            }
        }

        if (type is null || shape is null || range is not { Length: 2 })
        {
            throw Refuse($"The tensor {name} in {_file.Path} lacks its dtype, its shape or its two data_offsets.");
        }

        _tensors.Add(MakeEntry(name, type, shape, range[0], range[1]));
    }

    private long[] ParseNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        List<long> numbers = [];
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Refuse($"The tensor {name} in {_file.Path} has a {field} that is not a list.");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Refuse(
                    $"The tensor {name} in {_file.Path} has a {field} with values other than integers from 0 to 2^63 "
                    + "− 1.");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private TensorEntry MakeEntry(string name, string typeName, long[] shape, long begin, long end)
    {
        if (!TensorTypes.TryParse(typeName, out ScalarType type))
        {
            throw Refuse(
                $"The tensor {name} in {_file.Path} has the type {typeName}, which is not one of the format: "
                + $"{TensorTypes.AllNames}.");
        }

        ImmutableArray<long> sides = [.. shape];
        if (!TensorLayout.TryCount(shape, out long count) || !TensorTypes.TryByteLength(type, count, out long bytes))
        {
            throw Refuse(
                $"The tensor {name} in {_file.Path} has the shape {TensorLayout.Format(sides)}, which exceeds all "
                + $"limits or doesn't fill bytes as {typeName}.");
        }

        if (end < begin)
        {
            throw Refuse($"The tensor {name} in {_file.Path} ends at byte {end}, before it begins at {begin}.");
        }

        if (end > _file.Length - _dataStart)
        {
            throw Refuse(
                $"The tensor {name} in {_file.Path} ends at byte {end} of the data, but the file has only "
                + $"{_file.Length - _dataStart}: it is truncated; download it again.");
        }

        return end - begin == bytes
            ? new TensorEntry(name, type, sides, _file.Path, _dataStart + begin, bytes)
            : throw Refuse(
                $"The tensor {name} in {_file.Path} has {end - begin} bytes, but {typeName} {TensorLayout.Format(sides)} "
                + $"takes {bytes}.");
    }

    private void CheckRanges()
    {
        // Empty tensors share their offset with a neighbor: they come before it, ordered by name.
        _tensors.Sort((a, b) => (a.Offset, a.ByteLength, a.Name).CompareTo((b.Offset, b.ByteLength, b.Name)));
        long expected = _dataStart;
        string before = "the header";
        foreach (TensorEntry tensor in _tensors)
        {
            if (tensor.Offset < expected)
            {
                throw Refuse($"The tensors {before} and {tensor.Name} overlap in {_file.Path}.");
            }

            if (tensor.Offset > expected)
            {
                throw Refuse(
                    $"There is a gap of {tensor.Offset - expected} bytes between {before} and {tensor.Name} in "
                    + $"{_file.Path}.");
            }

            expected += tensor.ByteLength;
            before = tensor.Name;
        }

        if (expected != _file.Length)
        {
            throw Refuse($"The file {_file.Path} has {_file.Length - expected} extra bytes after its last tensor, {before}.");
        }
    }

    private static WeightFileException Refuse(string message) => new(message);
}
