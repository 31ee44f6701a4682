using System.Text.Json.Serialization;

namespace NexusGen.Server.OpenAI;

/// <summary>A reply (chat.completion), or a piece of one (chat.completion.chunk).</summary>
/// <param name="Id">Its name.</param>
/// <param name="Object">Which of both it is.</param>
/// <param name="Created">When, in seconds since 1970.</param>
/// <param name="Model">The model.</param>
/// <param name="Choices">One; none in the piece that counts tokens.</param>
internal sealed record ChatResponse(string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices)
{
    /// <summary>How many tokens were read and written.</summary>
    public ChatUsage? Usage { get; init; }

    /// <summary>How far a picture is. Not OpenAI's.</summary>
    public PictureProgress? Progress { get; init; }
}

/// <summary>A reply's choice.</summary>
internal sealed record ChatChoice
{
    /// <summary>0.</summary>
    public int Index { get; init; }

    /// <summary>The whole message; null in pieces.</summary>
    public ChatMessageBody? Message { get; init; }

    /// <summary>What has come; null in whole replies.</summary>
    public ChatMessageBody? Delta { get; init; }

    /// <summary><c>stop</c> or <c>length</c>; null where it goes on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FinishReason { get; init; }
}

/// <summary>A message or a piece of it.</summary>
internal sealed record ChatMessageBody
{
    /// <summary><c>assistant</c>; null in pieces but the first.</summary>
    public string? Role { get; init; }

    /// <summary>Text.</summary>
    public string? Content { get; init; }

    /// <summary>Pictures, where they were asked for in a field of their own.</summary>
    public IReadOnlyList<ImagePart>? Images { get; init; }
}

/// <summary>Tokens of a reply.</summary>
internal sealed record ChatUsage(long PromptTokens, long CompletionTokens, long TotalTokens);

/// <summary>How far a picture is.</summary>
/// <param name="Picture">Which of the reply, from 0.</param>
/// <param name="Step">Denoising steps done.</param>
/// <param name="Steps">Denoising steps in all; null in previews.</param>
/// <param name="Preview">What it will look like, as a data URL; null where none was asked for.</param>
internal sealed record PictureProgress(int Picture, int Step, int? Steps, string? Preview);
