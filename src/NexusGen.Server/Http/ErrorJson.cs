using System.Text.Json.Serialization;

namespace NexusGen.Server.Http;

/// <summary>Serializes errors as OpenAI's API does.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ErrorJson : JsonSerializerContext;
