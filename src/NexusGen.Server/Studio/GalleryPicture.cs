namespace NexusGen.Server.Studio;

/// <summary>What is known of a picture of the gallery.</summary>
internal sealed record GalleryPicture
{
    /// <summary>Its name in addresses.</summary>
    public required string Id { get; init; }

    /// <summary>Its place in the gallery: later ones have larger numbers.</summary>
    public long Number { get; init; }

    /// <summary>When it came, in seconds since 1970.</summary>
    public long Created { get; init; }

    /// <summary><c>drawn</c>, <c>edited</c> or <c>brought</c> by the user.</summary>
    public required string Kind { get; init; }

    /// <summary>The text that it was made from; a brought picture's file name.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>The picture that it was changed from; null for none.</summary>
    public string? Source { get; init; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Seed of the first noise; null for a brought one, as all below.</summary>
    public long? Seed { get; init; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Classifier-free guidance.</summary>
    public double? CfgScale { get; init; }

    /// <summary>The guidance that FLUX was distilled with.</summary>
    public double? EmbeddedGuidance { get; init; }

    /// <summary>What it should not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>The model's name.</summary>
    public string? Model { get; init; }

    /// <summary>How long its making took.</summary>
    public double? Seconds { get; init; }
}
