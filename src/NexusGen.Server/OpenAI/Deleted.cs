using System.Text.Json.Serialization;

namespace NexusGen.Server.OpenAI;

/// <summary>The response to a deletion.</summary>
internal sealed record Deleted(string Id, string Object, [property: JsonPropertyName("deleted")] bool IsDeleted);
