namespace NexusGen.Server.Studio;

/// <summary>A search in the gallery. It is the body of a request, because addresses are written to logs.</summary>
internal sealed record GallerySearch
{
    /// <summary>Gets words that the prompt must contain, or null for all images.</summary>
    public string? Words { get; init; }

    /// <summary>
    /// Gets the kind of the images: <c>drawn</c>, <c>edited</c>, or <c>brought</c> by the user; null for all.
    /// </summary>
    public string? Kind { get; init; }

    /// <summary>Gets true for favorites only.</summary>
    public bool? Favorite { get; init; }

    /// <summary>Gets the number that all images must be below, for the next page.</summary>
    public long? Before { get; init; }

    /// <summary>Gets the maximum number of images.</summary>
    public int? Limit { get; init; }
}

/// <summary>A page of the gallery.</summary>
/// <param name="Pictures">The images, the latest first.</param>
/// <param name="More">Whether there are earlier ones.</param>
internal sealed record GalleryPage(IReadOnlyList<GalleryPicture> Pictures, bool More);
