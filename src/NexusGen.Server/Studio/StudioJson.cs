using System.Text.Json.Serialization;
using NexusGen.Server.Loras;

namespace NexusGen.Server.Studio;

/// <summary>Serializes the requests and responses of the studio.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(StudioConversation))]
[JsonSerializable(typeof(StudioConversationChange))]
[JsonSerializable(typeof(StudioConversationList))]
[JsonSerializable(typeof(StudioConversationSearch))]
[JsonSerializable(typeof(StudioTurn))]
[JsonSerializable(typeof(StudioTurnRequest))]
[JsonSerializable(typeof(StudioAgain))]
[JsonSerializable(typeof(StudioPlace))]
[JsonSerializable(typeof(StudioAbout))]
[JsonSerializable(typeof(SavedStudioTurn))]
[JsonSerializable(typeof(StudioEvent))]
[JsonSerializable(typeof(StudioSettings))]
[JsonSerializable(typeof(GalleryPicture))]
[JsonSerializable(typeof(GallerySearch))]
[JsonSerializable(typeof(GalleryPage))]
[JsonSerializable(typeof(GalleryFamily))]
[JsonSerializable(typeof(GallerySelection))]
[JsonSerializable(typeof(GalleryFavorites))]
[JsonSerializable(typeof(GalleryDownload))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<NamedLora>))]
internal sealed partial class StudioJson : JsonSerializerContext;
