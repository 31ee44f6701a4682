namespace NexusGen.Server.Studio;

/// <summary>An event of the reply.</summary>
/// <param name="Type">
/// The kind: <c>queued</c>, <c>begun</c>, <c>text</c>, <c>step</c>, <c>picture</c>, <c>done</c>, <c>failed</c> or
/// <c>cancelled</c>.
/// </param>
internal sealed record StudioEvent(string Type)
{
    /// <summary>Gets new text.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the number of completed denoising steps.</summary>
    public int? Step { get; init; }

    /// <summary>Gets the number of all denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Gets the ids of the images that the turn is about, when its reply begins.</summary>
    public IReadOnlyList<string>? Pictures { get; init; }

    /// <summary>Gets a preview of the image as a data URL.</summary>
    public string? Preview { get; init; }

    /// <summary>Gets a finished image, which is in the gallery unless <see cref="Data"/> is set.</summary>
    public GalleryPicture? Picture { get; init; }

    /// <summary>Gets the finished image as a data URL if it could not be kept in the gallery, or null.</summary>
    public string? Data { get; init; }

    /// <summary>Gets the width and height that the model generated, if the image was resized.</summary>
    public string? GeneratedSize { get; init; }

    /// <summary>Gets why the reply failed, in a sentence.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets the code of that error.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the duration of the reply in seconds.</summary>
    public double? Seconds { get; init; }
}
