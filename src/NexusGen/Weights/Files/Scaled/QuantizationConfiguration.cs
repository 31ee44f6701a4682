using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Core;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// The quantization that a checkpoint declares beside its weights: <c>quantization_config</c> in <c>config.json</c>, or
/// <c>quantize_config.json</c> and <c>quant_config.json</c> of older tools.
/// </summary>
/// <param name="Method">The method, for example <c>gptq</c>, or null if none is declared.</param>
/// <param name="Bits">The number of bits, or null.</param>
/// <param name="Version">AWQ's way of packing, in lower case, or null.</param>
/// <param name="Format">GPTQ's format of the zeros, in lower case, or null.</param>
internal sealed record QuantizationConfiguration(string? Method, int? Bits, string? Version, string? Format)
{
    /// <summary>Reads the declaration for a weight file.</summary>
    /// <param name="file">The path of the weight file.</param>
    /// <exception cref="WeightFileException">A configuration can't be read.</exception>
    public static QuantizationConfiguration Read(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        JsonObject? json = Object(folder, "config.json")?["quantization_config"] as JsonObject
            ?? Object(folder, "quantize_config.json")
            ?? Object(folder, "quant_config.json");
        return json is null
            ? new QuantizationConfiguration(null, null, null, null)
            : new QuantizationConfiguration(
                Text(json, "quant_method"),
                json["bits"] is JsonValue bits && bits.TryGetValue(out int count) ? count : Number(json, "w_bit"),
                Text(json, "version"),
                Text(json, "checkpoint_format"));
    }

    private static JsonObject? Object(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        try
        {
            return File.Exists(path) ? JsonNode.Parse(TextFile.Read(path)) as JsonObject : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new WeightFileException($"The file {path} can't be read as a configuration: {e.Message}", e);
        }
    }

    private static string? Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out string? text) ? text.ToLowerInvariant() : null;

    private static int? Number(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;
}
