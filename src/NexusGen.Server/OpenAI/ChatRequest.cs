using System.Text.Json;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>A request for the next message of a conversation (POST /v1/chat/completions). Fields that aren't here are ignored.</summary>
internal sealed record ChatRequest
{
    /// <summary>The model's name; the server's own where left out.</summary>
    public string? Model { get; init; }

    /// <summary>The conversation; the last message is the user's.</summary>
    public IReadOnlyList<ChatRequestMessage>? Messages { get; init; }

    /// <summary>Whether the reply comes in pieces.</summary>
    public bool? Stream { get; init; }

    /// <summary>What a stream tells besides.</summary>
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>Sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability are drawn from.</summary>
    public double? TopP { get; init; }

    /// <summary>Only the k likeliest tokens are drawn from. Not OpenAI's.</summary>
    public int? TopK { get; init; }

    /// <summary>Tokens that stand in prompt or reply become less likely by this factor. Not OpenAI's.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>The longest reply, in tokens; the older name.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The longest reply, in tokens.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>A text that ends the reply, or up to four of them.</summary>
    public JsonElement? Stop { get; init; }

    /// <summary>Seed of words and pictures.</summary>
    public long? Seed { get; init; }

    /// <summary>How many replies; 1.</summary>
    public int? N { get; init; }

    /// <summary>How pictures are painted and told. Not OpenAI's.</summary>
    public PictureFields? Picture { get; init; }
}

/// <summary>What a stream tells besides.</summary>
internal sealed record StreamOptions
{
    /// <summary>Whether the last piece counts tokens.</summary>
    public bool? IncludeUsage { get; init; }
}

/// <summary>A message of a request.</summary>
internal sealed record ChatRequestMessage
{
    /// <summary><c>system</c>, <c>developer</c>, <c>user</c> or <c>assistant</c>.</summary>
    public string? Role { get; init; }

    /// <summary>A text, or parts: <c>text</c> and <c>image_url</c>.</summary>
    public JsonElement? Content { get; init; }

    /// <summary>Pictures that the assistant drew, where they do not stand in its text. Not OpenAI's.</summary>
    public IReadOnlyList<ImagePart>? Images { get; init; }
}

/// <summary>A picture in a message.</summary>
internal sealed record ImagePart
{
    /// <summary><c>image_url</c>.</summary>
    public string Type { get; init; } = "image_url";

    /// <summary>Where it is.</summary>
    public ImageUrl? ImageUrl { get; init; }
}

/// <summary>Where a picture is.</summary>
internal sealed record ImageUrl
{
    /// <summary>A data URL, or an address that this server may fetch from.</summary>
    public string? Url { get; init; }
}
