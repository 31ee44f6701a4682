using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Safetensors;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>
/// The official full-size weight files, with their names, shapes and types, as sparse files of zeros: 75 GB that take a few
/// megabytes of a disk (on file systems with holes). Made from the lists under tests/reference/official-shapes.
/// </summary>
internal static class SparseOfficialFiles
{
    /// <summary>Each list of shapes, and the file or folder that it describes, relative to the model's folder.</summary>
    public static IReadOnlyDictionary<string, string> Places { get; } = new Dictionary<string, string>
    {
        ["nexus-gen-v2-language-model"] = "Nexus-GenV2",
        ["generation_decoder"] = "Nexus-GenV2/generation_decoder.bin",
        ["edit_decoder"] = "Nexus-GenV2/edit_decoder.bin",
        ["ae"] = "FLUX/FLUX.1-dev/ae.safetensors",
        ["flux1-dev"] = "FLUX/FLUX.1-dev/flux1-dev.safetensors",
        ["text_encoder"] = "FLUX/FLUX.1-dev/text_encoder",
        ["text_encoder_2"] = "FLUX/FLUX.1-dev/text_encoder_2",
    };

    /// <summary>The names and shapes of one list.</summary>
    public static IReadOnlyList<(string Name, long[] Shape)> Shapes(string list)
    {
        using JsonDocument json = Open(list);
        return [.. json.RootElement.GetProperty("tensors").EnumerateObject()
            .Select(tensor => (tensor.Name, tensor.Value.EnumerateArray().Select(side => side.GetInt64()).ToArray()))];
    }

    /// <summary>How many parameters one list has in all, as it says itself.</summary>
    public static long Parameters(string list)
    {
        using JsonDocument json = Open(list);
        return json.RootElement.GetProperty("parameters").GetInt64();
    }

    /// <summary>The type of one list's tensors.</summary>
    public static ScalarType TypeOf(string list) => list == "ae" ? ScalarType.Float32 : ScalarType.BFloat16;

    /// <summary>Writes everything.</summary>
    /// <param name="folder">The model's folder.</param>
    public static void Write(string folder)
    {
        foreach ((string list, string place) in Places)
        {
            Write(list, Path.Combine(folder, place));
        }
    }

    /// <summary>Writes what one list describes.</summary>
    /// <param name="list">One of the keys of <see cref="Places"/>.</param>
    /// <param name="path">The file or folder.</param>
    public static void Write(string list, string path)
    {
        IReadOnlyList<(string, long[])> tensors = Shapes(list);
        switch (Path.GetExtension(path))
        {
            case ".bin":
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                WriteArchive(path, tensors);
                break;
            case ".safetensors":
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                WriteSafetensors(path, tensors, TypeOf(list));
                break;
            default:
                Directory.CreateDirectory(path);
                WriteFolder(path, tensors, TypeOf(list));
                break;
        }
    }

    private static JsonDocument Open(string list) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(ReferenceFolder.Path, "official-shapes", list + ".json")));

    private static void WriteFolder(string folder, IReadOnlyList<(string Name, long[] Shape)> tensors, ScalarType type)
    {
        List<List<(string Name, long[] Shape)>> shards = [[]];
        long filled = 0;
        foreach ((string Name, long[] Shape) tensor in tensors)
        {
            long bytes = Count(tensor.Shape) * TensorTypes.SizeOf(type);
            if (shards[^1].Count > 0 && filled + bytes > SafetensorsWriter.DefaultShardBytes)
            {
                shards.Add([]);
                filled = 0;
            }

            shards[^1].Add(tensor);
            filled += bytes;
        }

        if (shards.Count == 1)
        {
            WriteSafetensors(Path.Combine(folder, "model.safetensors"), tensors, type);
            return;
        }

        JsonObject map = [];
        for (int i = 0; i < shards.Count; i++)
        {
            string name = $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors";
            WriteSafetensors(Path.Combine(folder, name), shards[i], type);
            shards[i].ForEach(tensor => map[tensor.Name] = name);
        }

        var index = new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map };
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), index.ToJsonString());
    }

    private static void WriteSafetensors(string path, IReadOnlyList<(string Name, long[] Shape)> tensors, ScalarType type)
    {
        JsonObject header = new() { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach ((string name, long[] shape) in tensors)
        {
            long end = offset + (Count(shape) * TensorTypes.SizeOf(type));
            header[name] = new JsonObject
            {
                ["dtype"] = TensorTypes.NameOf(type),
                ["shape"] = new JsonArray([.. shape.Select(side => JsonValue.Create(side))]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] length = new byte[8];
        int padding = (8 - (json.Length % 8)) % 8;
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length + padding);
        using FileStream stream = new(path, FileMode.Create);
        stream.Write([.. length, .. json, .. Enumerable.Repeat((byte)' ', padding)]);
        stream.SetLength(stream.Position + offset);
    }

    private static void WriteArchive(string path, IReadOnlyList<(string Name, long[] Shape)> tensors)
    {
        string root = Path.GetFileNameWithoutExtension(path);
        List<ZipRecord> records = [];
        PickleBuilder pickle = new PickleBuilder().Op('}').Op('(');
        foreach ((string name, long[] shape) in tensors)
        {
            long count = Count(shape);
            long[] strides = new long[shape.Length];
            long stride = 1;
            for (int i = shape.Length - 1; i >= 0; stride *= shape[i--])
            {
                strides[i] = stride;
            }

            string key = $"{records.Count}";
            pickle.Text(name).Tensor("BFloat16Storage", key, count, 0, shape, strides);
            records.Add(new ZipRecord($"{root}/data/{key}", []) { Zeros = count * 2 });
        }

        ZipBuilder.Write(path, [
            new($"{root}/data.pkl", pickle.Op('u').Stop()),
            new($"{root}/.format_version", "1"u8.ToArray()),
            new($"{root}/byteorder", "little"u8.ToArray()),
            .. records,
            new($"{root}/version", "3\n"u8.ToArray())]);
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (product, side) => product * side);
}
