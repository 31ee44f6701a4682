using System.Text.Json;

namespace NexusGen.Server.OpenAI;

/// <summary>A request to edit an image (POST /v1/images/edits) as JSON. Other fields are ignored.</summary>
internal sealed record ImageEditRequest : ImageRequest
{
    /// <summary>Gets the images. The last one is edited.</summary>
    public IReadOnlyList<ImageReference>? Images { get; init; }

    /// <summary>Gets the mask, which is not supported.</summary>
    public JsonElement? Mask { get; init; }
}

/// <summary>An image of a request.</summary>
internal sealed record ImageReference
{
    /// <summary>Gets a data URL, the address of an image that this server keeps, or an address on an allowed host.</summary>
    public string? ImageUrl { get; init; }

    /// <summary>Gets the id of an uploaded file, which is not supported.</summary>
    public string? FileId { get; init; }
}
