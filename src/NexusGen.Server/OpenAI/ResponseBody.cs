using System.Text.Json;

namespace NexusGen.Server.OpenAI;

/// <summary>A response of the Responses API.</summary>
/// <param name="Id">The id.</param>
/// <param name="CreatedAt">The time in seconds since 1970.</param>
/// <param name="Model">The name of the model.</param>
/// <param name="Status">
/// <c>queued</c>, <c>in_progress</c>, <c>completed</c>, <c>incomplete</c>, <c>failed</c> or <c>cancelled</c>.
/// </param>
/// <param name="Output">The messages and images, in order.</param>
internal sealed record ResponseBody(string Id, long CreatedAt, string Model, string Status, IReadOnlyList<OutputItem> Output)
{
    /// <summary>The default of <see cref="ToolChoice"/>.</summary>
    internal static readonly JsonElement Auto = JsonDocument.Parse("\"auto\"").RootElement;

    /// <summary>Gets the kind, <c>response</c>.</summary>
    public string Object { get; init; } = "response";

    /// <summary>Gets whether the response is computed without a client that waits.</summary>
    public bool Background { get; init; }

    /// <summary>Gets the progress of the image that is being generated, or null. Not in OpenAI's API.</summary>
    public StepProgress? Progress { get; init; }

    /// <summary>Gets the error.</summary>
    public ResponseError? Error { get; init; }

    /// <summary>Gets why the response is incomplete.</summary>
    public IncompleteDetails? IncompleteDetails { get; init; }

    /// <summary>Gets the instructions for the model.</summary>
    public string? Instructions { get; init; }

    /// <summary>Gets the response that this one continues.</summary>
    public string? PreviousResponseId { get; init; }

    /// <summary>Gets the tools of the request.</summary>
    public IReadOnlyList<ResponsesTool> Tools { get; init; } = [];

    /// <summary>Gets whether the reply had to have an image, as the request said; <c>auto</c> if it said nothing.</summary>
    public JsonElement ToolChoice { get; init; } = Auto;

    /// <summary>Gets whether the oldest turns of a too long conversation were left out: <c>auto</c> or <c>disabled</c>.</summary>
    public string Truncation { get; init; } = "disabled";

    /// <summary>Gets false.</summary>
    public bool ParallelToolCalls { get; init; }

    /// <summary>Gets the caller's metadata.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];

    /// <summary>Gets the sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Gets the cumulative probability of the tokens that are sampled from.</summary>
    public double? TopP { get; init; }

    /// <summary>Gets the numbers of tokens.</summary>
    public ResponseUsage? Usage { get; init; }

    /// <summary>Gets the seed of text and images, which <c>picture.seed</c> repeats. Not in OpenAI's API.</summary>
    public ulong Seed { get; init; }
}

/// <summary>The error of a response.</summary>
internal sealed record ResponseError(string Code, string Message);

/// <summary>Why a response is incomplete.</summary>
internal sealed record IncompleteDetails(string Reason);

/// <summary>The numbers of tokens of a response.</summary>
internal sealed record ResponseUsage(
    long InputTokens,
    ResponseInputDetails InputTokensDetails,
    long OutputTokens,
    ResponseOutputDetails OutputTokensDetails,
    long TotalTokens);

/// <summary>The numbers of input tokens by kind.</summary>
internal sealed record ResponseInputDetails(long CachedTokens);

/// <summary>The numbers of output tokens by kind.</summary>
internal sealed record ResponseOutputDetails(long ReasoningTokens);

/// <summary>A part of a response: a message, or a generated image (<c>image_generation_call</c>).</summary>
/// <param name="Type">The kind.</param>
/// <param name="Id">The id.</param>
/// <param name="Status">
/// <c>in_progress</c> or <c>completed</c>. If the response failed, <c>incomplete</c> for a message and <c>failed</c> for an
/// image.
/// </param>
internal sealed record OutputItem(string Type, string Id, string Status)
{
    /// <summary>Gets the author of a message, <c>assistant</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Gets the text of a message.</summary>
    public IReadOnlyList<OutputPart>? Content { get; init; }

    /// <summary>Gets the file of an image in base64.</summary>
    public string? Result { get; init; }

    /// <summary>Gets the format of an image.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Gets the width and height of an image.</summary>
    public string? Size { get; init; }

    /// <summary>Gets the width and height that the model generated, if the image was resized. Not in OpenAI's API.</summary>
    public string? GeneratedSize { get; init; }

    /// <summary>Gets how an image came about: <c>generate</c> or <c>edit</c>.</summary>
    public string? Action { get; init; }
}

/// <summary>The text of a message.</summary>
internal sealed record OutputPart(string Text)
{
    /// <summary>Gets the kind, <c>output_text</c>.</summary>
    public string Type { get; init; } = "output_text";

    /// <summary>Gets an empty list.</summary>
    public IReadOnlyList<string> Annotations { get; init; } = [];
}

/// <summary>An event of a streamed response. The fields that are set depend on its type.</summary>
internal sealed record ResponseEvent(string Type)
{
    /// <summary>Gets the number of the event, from 0.</summary>
    public int SequenceNumber { get; init; }

    /// <summary>Gets the current response.</summary>
    public ResponseBody? Response { get; init; }

    /// <summary>Gets the index of the item in the output.</summary>
    public int? OutputIndex { get; init; }

    /// <summary>Gets the current item.</summary>
    public OutputItem? Item { get; init; }

    /// <summary>Gets the id of the item.</summary>
    public string? ItemId { get; init; }

    /// <summary>Gets the index of the part in its message.</summary>
    public int? ContentIndex { get; init; }

    /// <summary>Gets the current part.</summary>
    public OutputPart? Part { get; init; }

    /// <summary>Gets new text.</summary>
    public string? Delta { get; init; }

    /// <summary>Gets the complete text.</summary>
    public string? Text { get; init; }

    /// <summary>Gets an empty list.</summary>
    public IReadOnlyList<string>? Logprobs { get; init; }

    /// <summary>Gets the file of a partial image in base64.</summary>
    public string? PartialImageB64 { get; init; }

    /// <summary>Gets the index of the partial image.</summary>
    public int? PartialImageIndex { get; init; }

    /// <summary>Gets the code of an error that is not the response's.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the message of that error.</summary>
    public string? Message { get; init; }

    /// <summary>Gets the field of the request that has that error.</summary>
    public string? Param { get; init; }
}
