using NexusGen.Server.Loras;

namespace NexusGen.Server.Studio;

/// <summary>An image of the gallery, without its file.</summary>
internal sealed record GalleryPicture
{
    /// <summary>Gets the id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the number in the gallery. Later images have larger numbers.</summary>
    public long Number { get; init; }

    /// <summary>Gets the time when the image was added, in seconds since 1970.</summary>
    public long Created { get; init; }

    /// <summary>Gets the kind: <c>drawn</c>, <c>edited</c>, or <c>brought</c> by the user.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the description or instruction, or the file name of an image that the user brought.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Gets the id of the image that was edited, or null.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the width in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Gets the height in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Gets the seed. It is null for an image that the user brought, like all following values.</summary>
    public long? Seed { get; init; }

    /// <summary>Gets the number of denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Gets the scale of classifier-free guidance.</summary>
    public double? CfgScale { get; init; }

    /// <summary>Gets the guidance with which FLUX was distilled.</summary>
    public double? EmbeddedGuidance { get; init; }

    /// <summary>Gets what the image should not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Gets the LoRAs with which the image was generated, or null if there were none.</summary>
    public IReadOnlyList<NamedLora>? Loras { get; init; }

    /// <summary>Gets the name of the model.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the time that it took to generate the image, in seconds.</summary>
    public double? Seconds { get; init; }

    /// <summary>Gets whether the image is a favorite: other images are removed first if there is no room.</summary>
    public bool Favorite { get; init; }

    /// <summary>
    /// Gets how an image that the user just brought was generated, as its file says, or null. It isn't kept.
    /// </summary>
    public FileOrigin? Origin { get; init; }
}
