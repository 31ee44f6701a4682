namespace NexusGen.Server.OpenAI;

/// <summary>A request for pictures (POST /v1/images/generations; of /v1/images/edits the form's fields). Other fields are ignored.</summary>
internal sealed record ImageRequest
{
    /// <summary>The model's name; the server's own where left out.</summary>
    public string? Model { get; init; }

    /// <summary>What to draw, or what to change.</summary>
    public string? Prompt { get; init; }

    /// <summary>How many pictures.</summary>
    public int? N { get; init; }

    /// <summary><c>auto</c>, or width and height as in <c>512x512</c>.</summary>
    public string? Size { get; init; }

    /// <summary><c>b64_json</c> (the default), or <c>url</c>: an address at this server that holds for a while.</summary>
    public string? ResponseFormat { get; init; }

    /// <summary><c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Whether pictures come as events, with partial ones before them.</summary>
    public bool? Stream { get; init; }

    /// <summary>Of a stream: how many partial pictures, 0 to 3.</summary>
    public int? PartialImages { get; init; }

    /// <summary>Seed of the first picture; the others follow it. Not OpenAI's.</summary>
    public long? Seed { get; init; }

    /// <summary>Denoising steps. Not OpenAI's.</summary>
    public int? Steps { get; init; }

    /// <summary>Classifier-free guidance. Not OpenAI's.</summary>
    public double? CfgScale { get; init; }

    /// <summary>What a picture should not show. Not OpenAI's.</summary>
    public string? NegativePrompt { get; init; }
}
