using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>A request of the studio's page: the reply to a conversation.</summary>
internal sealed record StudioRequest
{
    /// <summary>Gets the conversation. The last message is the user's.</summary>
    public IReadOnlyList<StudioMessage>? Messages { get; init; }

    /// <summary>
    /// Gets what the last message asks for: <c>auto</c> (the default), <c>draw</c>, <c>edit</c> or <c>ask</c>.
    /// </summary>
    public string? Action { get; init; }

    /// <summary>
    /// Gets whether the last picture of the conversation is edited or asked about if the last message has none. The page sends
    /// false: it shows that picture beforehand, and names it in the message.
    /// </summary>
    public bool? UseLastPicture { get; init; }

    /// <summary>Gets whether the reply must have an image; the same as the action <c>draw</c>.</summary>
    public bool? Draw { get; init; }

    /// <summary>Gets how images are generated. Previews are sent even if none are requested.</summary>
    public PictureFields? Picture { get; init; }
}

/// <summary>A message of the conversation.</summary>
internal sealed record StudioMessage
{
    /// <summary>Gets the author: <c>user</c> or <c>assistant</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Gets the text.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// Gets the ids of images of the gallery. They are before the text in messages of the user, and after it in those of the
    /// assistant.
    /// </summary>
    public IReadOnlyList<string>? Pictures { get; init; }
}

/// <summary>An event of the reply.</summary>
/// <param name="Type">The kind: <c>text</c>, <c>step</c>, <c>picture</c> or <c>done</c>.</param>
internal sealed record StudioEvent(string Type)
{
    /// <summary>Gets new text.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the number of completed denoising steps.</summary>
    public int? Step { get; init; }

    /// <summary>Gets the number of all denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Gets a preview of the image as a data URL.</summary>
    public string? Preview { get; init; }

    /// <summary>Gets a finished image, which is in the gallery unless <see cref="Data"/> is set.</summary>
    public GalleryPicture? Picture { get; init; }

    /// <summary>Gets the finished image as a data URL if it could not be kept in the gallery, or null.</summary>
    public string? Data { get; init; }

    /// <summary>Gets the width and height that the model generated, if the image was resized.</summary>
    public string? GeneratedSize { get; init; }

    /// <summary>Gets the duration of the reply in seconds.</summary>
    public double? Seconds { get; init; }
}

/// <summary>A search in the gallery. It is the body of a request, because addresses are written to logs.</summary>
internal sealed record GallerySearch
{
    /// <summary>Gets words that the prompt must contain, or null for all images.</summary>
    public string? Words { get; init; }

    /// <summary>Gets the number that all images must be below, for the next page.</summary>
    public long? Before { get; init; }

    /// <summary>Gets the maximum number of images.</summary>
    public int? Limit { get; init; }
}

/// <summary>A page of the gallery.</summary>
/// <param name="Pictures">The images, the latest first.</param>
/// <param name="More">Whether there are earlier ones.</param>
internal sealed record GalleryPage(IReadOnlyList<GalleryPicture> Pictures, bool More);

/// <summary>The settings of the server that the studio's page needs.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Generate">The defaults of generated images.</param>
/// <param name="Edit">The defaults of edited images.</param>
/// <param name="MaxSteps">The maximum number of denoising steps.</param>
/// <param name="Sizes">The sizes that the model generates, as <c>112x112</c>; empty for any.</param>
/// <param name="Chooses">Whether the model chooses between a new image and an edit of the last one.</param>
/// <param name="MaxSide">The maximum width and height of an image.</param>
/// <param name="MaxBodyBytes">The maximum number of bytes of a request.</param>
internal sealed record StudioSettings(
    string Model,
    StudioDefaults Generate,
    StudioDefaults Edit,
    int MaxSteps,
    IReadOnlyList<string> Sizes,
    bool Chooses,
    int MaxSide,
    long MaxBodyBytes);

/// <summary>The defaults of a task.</summary>
/// <param name="Steps">The number of denoising steps.</param>
/// <param name="CfgScale">The scale of classifier-free guidance.</param>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
internal sealed record StudioDefaults(int Steps, double CfgScale, int Width, int Height);
