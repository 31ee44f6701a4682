using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// How ComfyUI says that a layer is quantized: JSON in the tensor <c>LAYER.comfy_quant</c>, or for all layers in the metadata of
/// the file under <c>_quantization_metadata</c>.
/// </summary>
internal static class ComfyQuantization
{
    private const string Suffix = ".comfy_quant", MetadataKey = "_quantization_metadata";
    private const int DefaultGroup = 256;

    /// <summary>Reads the declarations of a store.</summary>
    /// <param name="store">The files.</param>
    /// <returns>The declaration of each layer that has one.</returns>
    /// <exception cref="WeightFileException">A declaration can't be read.</exception>
    public static Dictionary<string, JsonObject> Read(ITensorStore store)
    {
        Dictionary<string, JsonObject> layers = new(StringComparer.Ordinal);
        if (store.Metadata.TryGetValue(MetadataKey, out string? text)
            && Parse(store.Location, MetadataKey, text)["layers"] is JsonObject declared)
        {
            foreach ((string layer, JsonNode? value) in declared)
            {
                layers[layer] = value as JsonObject
                    ?? throw new WeightFileException($"The {MetadataKey} of {store.Location} has no object for {layer}.");
            }
        }

        foreach ((string name, TensorEntry entry) in store.Entries)
        {
            // An empty one is a marker without content.
            if (name.EndsWith(Suffix, StringComparison.Ordinal) && entry.ByteLength > 0)
            {
                layers[name[..^Suffix.Length]] = Parse(entry.File, name, Text(store, entry));
            }
        }

        return layers;
    }

    /// <summary>Gets the name of the format.</summary>
    /// <param name="declaration">The declaration, or null.</param>
    public static string? Format(JsonObject? declaration) =>
        declaration?["format"] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>Gets the number of columns that are rotated together, or 1 if they are not rotated.</summary>
    /// <param name="declaration">The declaration.</param>
    /// <param name="weight">The weight.</param>
    /// <exception cref="WeightFileException">The group does not fit the weight.</exception>
    public static int RotatedGroup(JsonObject declaration, TensorEntry weight)
    {
        if (Find(declaration, "convrot") is not JsonValue value || !value.TryGetValue(out bool rotated) || !rotated)
        {
            return 1;
        }

        JsonNode? size = Find(declaration, "convrot_groupsize");
        int group = size is JsonValue number && number.TryGetValue(out int given) ? given : size is null ? DefaultGroup : 0;
        bool isPower = group > 1 && int.IsPow2(group) && int.Log2(group) % 2 == 0;
        return isPower && weight.Shape[^1] % group == 0
            ? group
            : throw new WeightFileException(
                $"The tensor {weight.Name} in {weight.File} is rotated in groups of {size?.ToJsonString() ?? $"{group}"} "
                + $"columns, but its {weight.Shape[^1]} columns need a power of four that divides them.");
    }

    // Some versions write the parameters at the top of the object, others under "params".
    private static JsonNode? Find(JsonObject declaration, string name) =>
        declaration[name] ?? (declaration["params"] as JsonObject)?[name];

    private static string Text(ITensorStore store, TensorEntry entry)
    {
        if (entry.ByteLength > 1 << 16 || entry.Type is not (ScalarType.Byte or ScalarType.Int8))
        {
            throw new WeightFileException($"The tensor {entry.Name} in {entry.File} is not the JSON of a quantization.");
        }

        using Tensor value = store.Read(entry, ScalarType.Byte);
        return Encoding.UTF8.GetString(value.data<byte>().ToArray());
    }

    private static JsonObject Parse(string file, string name, string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject
                ?? throw new WeightFileException($"{name} in {file} is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw new WeightFileException($"{name} in {file} is not the JSON of a quantization: {e.Message}", e);
        }
    }
}
