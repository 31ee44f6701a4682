namespace NexusGen.Server.OpenAI;

/// <summary>A response of the Responses API.</summary>
/// <param name="Id">Its name.</param>
/// <param name="CreatedAt">When, in seconds since 1970.</param>
/// <param name="Model">The model.</param>
/// <param name="Status"><c>in_progress</c>, <c>completed</c>, <c>incomplete</c> or <c>failed</c>.</param>
/// <param name="Output">What was said and drawn, in order.</param>
internal sealed record ResponseBody(string Id, long CreatedAt, string Model, string Status, IReadOnlyList<OutputItem> Output)
{
    /// <summary><c>response</c>.</summary>
    public string Object { get; init; } = "response";

    /// <summary>What went wrong.</summary>
    public ResponseError? Error { get; init; }

    /// <summary>Why it is not complete.</summary>
    public IncompleteDetails? IncompleteDetails { get; init; }

    /// <summary>What the model was told before the first turn.</summary>
    public string? Instructions { get; init; }

    /// <summary>The response before it.</summary>
    public string? PreviousResponseId { get; init; }

    /// <summary>The tools of the request.</summary>
    public IReadOnlyList<ResponsesTool> Tools { get; init; } = [];

    /// <summary><c>auto</c>: the model chooses whether to draw.</summary>
    public string ToolChoice { get; init; } = "auto";

    /// <summary>False.</summary>
    public bool ParallelToolCalls { get; init; }

    /// <summary>Words of the caller's own.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];

    /// <summary>Sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>The bound of probability.</summary>
    public double? TopP { get; init; }

    /// <summary>What was read and written.</summary>
    public ResponseUsage? Usage { get; init; }
}

/// <summary>What went wrong with a response.</summary>
internal sealed record ResponseError(string Code, string Message);

/// <summary>Why a response is not complete.</summary>
internal sealed record IncompleteDetails(string Reason);

/// <summary>Tokens of a response.</summary>
internal sealed record ResponseUsage(long InputTokens, ResponseInputDetails InputTokensDetails, long OutputTokens, ResponseOutputDetails OutputTokensDetails, long TotalTokens);

/// <summary>Tokens that were read, by kind.</summary>
internal sealed record ResponseInputDetails(long CachedTokens);

/// <summary>Tokens that were written, by kind.</summary>
internal sealed record ResponseOutputDetails(long ReasoningTokens);

/// <summary>A part of a response: a message, or a drawn picture (<c>image_generation_call</c>).</summary>
/// <param name="Type">Which of both.</param>
/// <param name="Id">Its name.</param>
/// <param name="Status"><c>in_progress</c>, <c>completed</c>, or where the response failed <c>incomplete</c> of a message and <c>failed</c> of a picture.</param>
internal sealed record OutputItem(string Type, string Id, string Status)
{
    /// <summary>Of a message: <c>assistant</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Of a message: its text.</summary>
    public IReadOnlyList<OutputPart>? Content { get; init; }

    /// <summary>Of a picture: its file in base64.</summary>
    public string? Result { get; init; }

    /// <summary>Of a picture: its format.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Of a picture: width and height.</summary>
    public string? Size { get; init; }
}

/// <summary>A message's text.</summary>
internal sealed record OutputPart(string Text)
{
    /// <summary><c>output_text</c>.</summary>
    public string Type { get; init; } = "output_text";

    /// <summary>None.</summary>
    public IReadOnlyList<string> Annotations { get; init; } = [];
}

/// <summary>An event of a streamed response; which fields it has depends on its type.</summary>
internal sealed record ResponseEvent(string Type)
{
    /// <summary>Its number, from 0.</summary>
    public int SequenceNumber { get; init; }

    /// <summary>The response as it is.</summary>
    public ResponseBody? Response { get; init; }

    /// <summary>Which item of the output.</summary>
    public int? OutputIndex { get; init; }

    /// <summary>The item as it is.</summary>
    public OutputItem? Item { get; init; }

    /// <summary>The item's name.</summary>
    public string? ItemId { get; init; }

    /// <summary>Which part of a message.</summary>
    public int? ContentIndex { get; init; }

    /// <summary>The part as it is.</summary>
    public OutputPart? Part { get; init; }

    /// <summary>More text.</summary>
    public string? Delta { get; init; }

    /// <summary>All of a text.</summary>
    public string? Text { get; init; }

    /// <summary>None.</summary>
    public IReadOnlyList<string>? Logprobs { get; init; }

    /// <summary>A partial picture's file in base64.</summary>
    public string? PartialImageB64 { get; init; }

    /// <summary>Which partial picture it is, from 0.</summary>
    public int? PartialImageIndex { get; init; }
}
