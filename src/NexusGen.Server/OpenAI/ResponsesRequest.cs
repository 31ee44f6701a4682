using System.Text.Json;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>A request of the Responses API (POST /v1/responses). Fields that aren't here are ignored.</summary>
internal sealed record ResponsesRequest
{
    /// <summary>The model's name; the server's own where left out.</summary>
    public string? Model { get; init; }

    /// <summary>A text, or items: messages, and pictures that were drawn before (<c>image_generation_call</c>).</summary>
    public JsonElement? Input { get; init; }

    /// <summary>What the model is told before the first turn.</summary>
    public string? Instructions { get; init; }

    /// <summary>Goes on behind a response that this server still keeps.</summary>
    public string? PreviousResponseId { get; init; }

    /// <summary>Whether the response is kept for a while, so that others can go on behind it; it is where left out.</summary>
    public bool? Store { get; init; }

    /// <summary>Whether the response comes as events.</summary>
    public bool? Stream { get; init; }

    /// <summary>Sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability are drawn from.</summary>
    public double? TopP { get; init; }

    /// <summary>The longest reply, in tokens.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Tools; of <c>image_generation</c> size, format and partial pictures are used. Others are ignored: the model has none.</summary>
    public IReadOnlyList<ResponsesTool>? Tools { get; init; }

    /// <summary>Words of the caller's own, given back.</summary>
    public Dictionary<string, string>? Metadata { get; init; }

    /// <summary>How pictures are painted. Not OpenAI's.</summary>
    public PictureFields? Picture { get; init; }
}

/// <summary>A tool of a request.</summary>
internal sealed record ResponsesTool
{
    /// <summary>Its kind.</summary>
    public string? Type { get; init; }

    /// <summary><c>auto</c>, or width and height as in <c>512x512</c>.</summary>
    public string? Size { get; init; }

    /// <summary><c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Of a stream: how many partial pictures, 0 to 3.</summary>
    public int? PartialImages { get; init; }
}
