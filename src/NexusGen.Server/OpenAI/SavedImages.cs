namespace NexusGen.Server.OpenAI;

/// <summary>A request for images in a form that can be stored.</summary>
/// <param name="Id">The id of the response.</param>
/// <param name="Created">The time of the request in seconds since 1970.</param>
/// <param name="Request">The request, with its seed.</param>
/// <param name="Source">The file of the image to edit, or null to generate images.</param>
internal sealed record SavedImages(string Id, long Created, ImageRequest Request, byte[]? Source);
