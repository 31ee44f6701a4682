using System.Text.Json;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>A request for the next message of a conversation (POST /v1/chat/completions). Other fields are ignored.</summary>
internal sealed record ChatRequest
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

    /// <summary>Gets the conversation. The last message is the user's.</summary>
    public IReadOnlyList<ChatRequestMessage>? Messages { get; init; }

    /// <summary>Gets whether the reply is sent in chunks.</summary>
    public bool? Stream { get; init; }

    /// <summary>Gets the options of a stream.</summary>
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>Gets the sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Gets the cumulative probability of the tokens that are sampled from.</summary>
    public double? TopP { get; init; }

    /// <summary>Gets the number of most likely tokens that are sampled from. Not in OpenAI's API.</summary>
    public int? TopK { get; init; }

    /// <summary>Gets the factor by which tokens of the prompt or reply become less likely. Not in OpenAI's API.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Gets the maximum number of tokens of the reply; the older name.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Gets the maximum number of tokens of the reply.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>Gets a string that ends the reply, or an array of up to four.</summary>
    public JsonElement? Stop { get; init; }

    /// <summary>Gets the seed of text and images; random if it is not set or −1.</summary>
    public long? Seed { get; init; }

    /// <summary>Gets the number of replies, which must be 1.</summary>
    public int? N { get; init; }

    /// <summary>Gets the format of the reply. Only <c>text</c> is supported.</summary>
    public JsonElement? ResponseFormat { get; init; }

    /// <summary>Gets whether the model must call a tool, which it can't: <c>auto</c> and <c>none</c> are supported.</summary>
    public JsonElement? ToolChoice { get; init; }

    /// <summary>Gets whether the model must call a function; the older form of <see cref="ToolChoice"/>.</summary>
    public JsonElement? FunctionCall { get; init; }

    /// <summary>Gets how images are generated and returned. Not in OpenAI's API.</summary>
    public PictureFields? Picture { get; init; }
}

/// <summary>The options of a stream.</summary>
internal sealed record StreamOptions
{
    /// <summary>Gets whether the last chunk has the number of tokens.</summary>
    public bool? IncludeUsage { get; init; }
}

/// <summary>A message of a request.</summary>
internal sealed record ChatRequestMessage
{
    /// <summary>
    /// Gets the author: <c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c>, or <c>tool</c> (before, <c>function</c>).
    /// </summary>
    public string? Role { get; init; }

    /// <summary>
    /// Gets a string, or an array of parts: <c>text</c> and <c>image_url</c>; null for nothing, but not in messages of the user.
    /// </summary>
    public JsonElement? Content { get; init; }

    /// <summary>Gets the tool calls of the assistant in another model's reply, which are read as text.</summary>
    public IReadOnlyList<JsonElement>? ToolCalls { get; init; }

    /// <summary>Gets the function call of the assistant; the older form of a tool call.</summary>
    public JsonElement? FunctionCall { get; init; }

    /// <summary>Gets the images that the assistant generated, if they are not in its text. Not in OpenAI's API.</summary>
    public IReadOnlyList<ImagePart>? Images { get; init; }
}

/// <summary>An image in a message.</summary>
internal sealed record ImagePart
{
    /// <summary>Gets the type, <c>image_url</c>.</summary>
    public string Type { get; init; } = "image_url";

    /// <summary>Gets the address.</summary>
    public ImageUrl? ImageUrl { get; init; }
}

/// <summary>The address of an image.</summary>
internal sealed record ImageUrl
{
    /// <summary>Gets a data URL, or an address on an allowed host.</summary>
    public string? Url { get; init; }
}
