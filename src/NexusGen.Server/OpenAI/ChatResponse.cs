using System.Text.Json.Serialization;

namespace NexusGen.Server.OpenAI;

/// <summary>A complete reply (chat.completion), or a chunk of one (chat.completion.chunk).</summary>
/// <param name="Id">The id.</param>
/// <param name="Object">The kind: <c>chat.completion</c> or <c>chat.completion.chunk</c>.</param>
/// <param name="Created">The time in seconds since 1970.</param>
/// <param name="Model">The name of the model.</param>
/// <param name="Choices">The only choice, or none in the chunk with the number of tokens.</param>
internal sealed record ChatResponse(string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices)
{
    /// <summary>Gets the number of tokens.</summary>
    public ChatUsage? Usage { get; init; }

    /// <summary>
    /// Gets the seed of the text and, unless the request has another for them, of its images. Not in OpenAI's API.
    /// </summary>
    public ulong Seed { get; init; }

    /// <summary>Gets the progress of an image. Not in OpenAI's API.</summary>
    public PictureProgress? Progress { get; init; }
}

/// <summary>The choice of a reply.</summary>
internal sealed record ChatChoice
{
    /// <summary>Gets the index, 0.</summary>
    public int Index { get; init; }

    /// <summary>Gets the complete message, or null in chunks.</summary>
    public ChatMessageBody? Message { get; init; }

    /// <summary>Gets the new part of the message, or null in complete replies.</summary>
    public ChatMessageBody? Delta { get; init; }

    /// <summary>Gets the reason of the end: <c>stop</c> or <c>length</c>, or null if the reply goes on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FinishReason { get; init; }
}

/// <summary>A message or a part of it.</summary>
internal sealed record ChatMessageBody
{
    /// <summary>Gets <c>assistant</c>, or null in all chunks but the first.</summary>
    public string? Role { get; init; }

    /// <summary>Gets the text.</summary>
    public string? Content { get; init; }

    /// <summary>Gets the images, if they were requested in a separate field.</summary>
    public IReadOnlyList<ImagePart>? Images { get; init; }
}

/// <summary>The numbers of tokens of a reply.</summary>
internal sealed record ChatUsage(long PromptTokens, long CompletionTokens, long TotalTokens);

/// <summary>The progress of an image.</summary>
/// <param name="Picture">The index of the image in the reply.</param>
/// <param name="Step">The number of completed denoising steps.</param>
/// <param name="Steps">The number of all denoising steps, or null in previews.</param>
/// <param name="Preview">A preview as a data URL, or null.</param>
internal sealed record PictureProgress(int Picture, int Step, int? Steps, string? Preview);
