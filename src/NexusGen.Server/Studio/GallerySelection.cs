namespace NexusGen.Server.Studio;

/// <summary>Images of the gallery that a request is about.</summary>
internal record GallerySelection
{
    /// <summary>Gets the ids of the images.</summary>
    public IReadOnlyList<string?>? Pictures { get; init; }
}

/// <summary>Images of the gallery to make favorites, or no longer.</summary>
internal sealed record GalleryFavorites : GallerySelection
{
    /// <summary>Gets whether the images become favorites (the default).</summary>
    public bool? Favorite { get; init; }
}

/// <summary>Images of the gallery to send as one archive.</summary>
internal sealed record GalleryDownload : GallerySelection
{
    /// <summary>Gets whether the files contain how the images were generated (the default).</summary>
    public bool? Parameters { get; init; }
}
