using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Imaging;

namespace NexusGen.Model;

/// <summary>Reads and writes the size of an image as JSON: <c>[width, height]</c>.</summary>
internal sealed class PixelSizeJsonConverter : JsonConverter<PixelSize>
{
    /// <inheritdoc/>
    public override PixelSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        int[]? sides = JsonSerializer.Deserialize<int[]>(ref reader, options);
        return sides is [> 0, > 0]
            ? new PixelSize(sides[0], sides[1])
            : throw new JsonException("a size must be two positive integers, [width, height]");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PixelSize value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new[] { value.Width, value.Height }, options);
}
