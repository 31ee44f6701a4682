using System.Text.Json;
using NexusGen.Core;
using NexusGen.Weights.Files;

namespace NexusGen.Weights.Stores;

/// <summary>
/// The index of a sharded checkpoint: JSON whose <c>weight_map</c> maps each tensor to its file, which must be in the same folder
/// as the index.
/// </summary>
internal static class ShardIndex
{
    private const long MaxBytes = 100_000_000;

    /// <summary>Reads an index.</summary>
    /// <param name="path">The path of the index.</param>
    /// <returns>The file name of each tensor.</returns>
    /// <exception cref="WeightFileException">
    /// The file is not an index, or contains a name that is not a plain file name.
    /// </exception>
    public static Dictionary<string, string> Read(string path)
    {
        using WeightFile file = WeightFile.Open(path);
        if (file.Length > MaxBytes)
        {
            throw new WeightFileException($"The file {path} has {file.Length} bytes, which is too large for an index.");
        }

        try
        {
            return Parse(path, TextFile.Utf8(file.ReadBytes(0, (int)file.Length)).Span);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new WeightFileException($"The file {path} is not the JSON of an index: {e.Message}", e);
        }
    }

    private static Dictionary<string, string> Parse(string path, ReadOnlySpan<byte> json)
    {
        Dictionary<string, string>? map = null;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new WeightFileException($"The file {path} is not the JSON of an index: it is not an object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isMap = reader.ValueTextEquals("weight_map");
            reader.Read();
            if (!isMap)
            {
                reader.Skip();
            }
            else if (map is null && reader.TokenType == JsonTokenType.StartObject)
            {
                map = ParseMap(path, ref reader);
            }
            else
            {
                throw new WeightFileException($"The index {path} has two weight_maps, or one that is not an object.");
            }
        }

        while (reader.Read())
        {
        }

        return map is { Count: > 0 }
            ? map
            : throw new WeightFileException(
                $"The file {path} has no weight_map, or an empty one, so it is not the index of a checkpoint.");
    }

    private static Dictionary<string, string> ParseMap(string path, ref Utf8JsonReader reader)
    {
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string tensor = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || !IsFileName(reader.GetString()!))
            {
                throw new WeightFileException(
                    $"The index {path} must map the tensor {tensor} to the name of a file next to it, not to "
                    + $"{Shown(ref reader)}.");
            }

            if (!map.TryAdd(tensor, reader.GetString()!))
            {
                throw new WeightFileException($"The index {path} names the tensor {tensor} twice.");
            }
        }

        return map;
    }

    private static bool IsFileName(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.AsSpan().IndexOfAny("/\\:\0") < 0;

    private static string Shown(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String ? $"\"{reader.GetString()}\"" : "a value that is not a string";
}
