using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Imaging;

namespace NexusGen.Model;

/// <summary>Reads and writes a grid as JSON: <c>[t, h, w]</c>.</summary>
internal sealed class GridJsonConverter : JsonConverter<GridThw>
{
    /// <inheritdoc/>
    public override GridThw Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        long[]? sides = JsonSerializer.Deserialize<long[]>(ref reader, options);
        return sides is [> 0, > 0, > 0]
            ? new GridThw(sides[0], sides[1], sides[2])
            : throw new JsonException("a grid must be three positive integers, [t, h, w]");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, GridThw value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new[] { value.T, value.H, value.W }, options);
}
