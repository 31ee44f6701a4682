using System.Text.Json;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// A request for images: POST /v1/images/generations, or the fields of /v1/images/edits. Other fields are ignored.
/// </summary>
internal record ImageRequest
{
    /// <summary>
    /// Gets the name of the model, or null for the server's; with LoRAs as <c>model:style</c> or <c>model:style=0.8+other</c>.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>
    /// Gets the LoRAs of the request, besides those of <see cref="Model"/>: a list of objects with <c>name</c> and
    /// <c>strength</c>, or of texts like <c>style=0.8</c>. Not in OpenAI's API.
    /// </summary>
    public JsonElement? Loras { get; init; }

    /// <summary>Gets the description or instruction.</summary>
    public string? Prompt { get; init; }

    /// <summary>Gets the number of images.</summary>
    public int? N { get; init; }

    /// <summary>Gets the size: <c>auto</c>, or width and height as in <c>512x512</c>.</summary>
    public string? Size { get; init; }

    /// <summary>
    /// Gets how a size that the model does not generate is made from the nearest one: <c>contain</c> (the default),
    /// <c>cover</c> or <c>exact</c> (the request is refused). Not in OpenAI's API.
    /// </summary>
    public string? Fit { get; init; }

    /// <summary>
    /// Gets <c>b64_json</c> (the default), or <c>url</c> for an address at this server that is valid for a while.
    /// </summary>
    public string? ResponseFormat { get; init; }

    /// <summary>Gets the format: <c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>
    /// Gets whether the images are generated in the background: the client receives the id of the response at once, and asks for
    /// it later, as with <c>background</c> of the Responses API. Not in OpenAI's API, where <c>background</c> is that of the
    /// image.
    /// </summary>
    public bool? Async { get; init; }

    /// <summary>Gets whether images are sent as events, with partial images before them.</summary>
    public bool? Stream { get; init; }

    /// <summary>Gets the number of partial images of a stream, 0 to 3.</summary>
    public int? PartialImages { get; init; }

    /// <summary>
    /// Gets the seed of the first image; the others use the following seeds. Random if it is not set or −1. Not in OpenAI's API.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>Gets the number of denoising steps. Not in OpenAI's API.</summary>
    public int? Steps { get; init; }

    /// <summary>Gets the scale of classifier-free guidance. Not in OpenAI's API.</summary>
    public double? CfgScale { get; init; }

    /// <summary>Gets what an image should not show. Not in OpenAI's API.</summary>
    public string? NegativePrompt { get; init; }
}
