using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Core;

namespace NexusGen.Cli.Batch;

/// <summary>Reads a seed: a number, or <c>"random"</c> or −1 for a random one.</summary>
internal sealed class SeedConverter : JsonConverter<ulong?>
{
    /// <inheritdoc/>
    public override ulong? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetUInt64(out ulong seed) => seed,
            JsonTokenType.Number when reader.TryGetInt64(out long seed) && seed == RandomSeed.Number => RandomSeed.Next(),
            JsonTokenType.String when reader.ValueTextEquals(RandomSeed.Word) => RandomSeed.Next(),
            _ => throw new JsonException(),
        };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ulong? value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value);
}
