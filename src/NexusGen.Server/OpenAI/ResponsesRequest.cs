using System.Text.Json;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>A request of the Responses API (POST /v1/responses). Other fields are ignored.</summary>
internal sealed record ResponsesRequest
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

    /// <summary>
    /// Gets a string, or an array of items: messages, generated images (<c>image_generation_call</c>), references to kept items
    /// (<c>item_reference</c>), and tool calls of other models with their results, which are read as text.
    /// </summary>
    public JsonElement? Input { get; init; }

    /// <summary>Gets the instructions for the model.</summary>
    public string? Instructions { get; init; }

    /// <summary>Gets the kept response that this request continues.</summary>
    public string? PreviousResponseId { get; init; }

    /// <summary>Gets whether the response is kept for a while, so that others can continue it. The default is true.</summary>
    public bool? Store { get; init; }

    /// <summary>
    /// Gets whether the response is computed in the background: the client receives it with the status <c>queued</c> at once,
    /// and asks for it later.
    /// </summary>
    public bool? Background { get; init; }

    /// <summary>Gets whether the response is sent as events.</summary>
    public bool? Stream { get; init; }

    /// <summary>Gets the sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Gets the cumulative probability of the tokens that are sampled from.</summary>
    public double? TopP { get; init; }

    /// <summary>Gets the maximum number of tokens of the reply.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>
    /// Gets the tools. Size, format, action and partial images of <c>image_generation</c> are used; others are ignored, because
    /// the model has none.
    /// </summary>
    public IReadOnlyList<ResponsesTool>? Tools { get; init; }

    /// <summary>
    /// Gets <c>auto</c>, <c>none</c>, <c>required</c>, or an object: whether the reply must have an image
    /// (<c>image_generation</c>), or must not.
    /// </summary>
    public JsonElement? ToolChoice { get; init; }

    /// <summary>Gets the format of the text. Only <c>text</c> is supported.</summary>
    public JsonElement? Text { get; init; }

    /// <summary>
    /// Gets what happens to a conversation that is longer than the model can read: <c>auto</c> leaves out its oldest turns,
    /// <c>disabled</c> (the default) refuses it.
    /// </summary>
    public string? Truncation { get; init; }

    /// <summary>Gets the caller's metadata, which is returned in the response.</summary>
    public Dictionary<string, string>? Metadata { get; init; }

    /// <summary>Gets how images are generated. Not in OpenAI's API.</summary>
    public PictureFields? Picture { get; init; }
}

/// <summary>A tool of a request.</summary>
internal sealed record ResponsesTool
{
    /// <summary>Gets the kind of the tool.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the size: <c>auto</c>, or width and height as in <c>512x512</c>.</summary>
    public string? Size { get; init; }

    /// <summary>Gets the format: <c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>
    /// Gets <c>auto</c>, <c>generate</c> or <c>edit</c>: whether a new image is generated or the last one of the conversation is
    /// edited.
    /// </summary>
    public string? Action { get; init; }

    /// <summary>Gets the number of partial images of a stream, 0 to 3.</summary>
    public int? PartialImages { get; init; }
}
