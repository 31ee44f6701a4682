using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Serializes the requests and responses of OpenAI's API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ChatResponse))]
[JsonSerializable(typeof(ImageRequest))]
[JsonSerializable(typeof(ImageEditRequest))]
[JsonSerializable(typeof(ImageResponse))]
[JsonSerializable(typeof(ImageEvent))]
[JsonSerializable(typeof(ResponsesRequest))]
[JsonSerializable(typeof(ResponseBody))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(SavedResponse))]
[JsonSerializable(typeof(SavedMessage))]
[JsonSerializable(typeof(SavedImages))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(Deleted))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ApiJson : JsonSerializerContext;
