namespace NexusGen.Server.OpenAI;

/// <summary>An event of a stream of images.</summary>
/// <param name="Type">
/// <c>image_generation.partial_image</c>, <c>image_generation.completed</c>, or the same with <c>image_edit</c>. For images of
/// the background also <c>….queued</c>, <c>….in_progress</c>, <c>….failed</c> and <c>….cancelled</c>.
/// </param>
/// <param name="CreatedAt">The time in seconds since 1970.</param>
internal sealed record ImageEvent(string Type, long CreatedAt)
{
    /// <summary>Gets the file in base64, or null if the event has no image.</summary>
    public string? B64Json { get; init; }

    /// <summary>Gets the width and height.</summary>
    public string? Size { get; init; }

    /// <summary>Gets the format.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Gets the quality, <c>auto</c>: there is only one.</summary>
    public string? Quality { get; init; }

    /// <summary>Gets the background, <c>opaque</c>.</summary>
    public string? Background { get; init; }

    /// <summary>Gets the index of the partial image, or null for finished images.</summary>
    public int? PartialImageIndex { get; init; }

    /// <summary>Gets the seed of a finished image, or null for partial ones. Not in OpenAI's API.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Gets the width and height that the model generated, if the image was resized. Not in OpenAI's API.</summary>
    public string? GeneratedSize { get; init; }

    /// <summary>Gets the numbers of tokens, or null for all images but the last.</summary>
    public ImageUsage? Usage { get; init; }

    /// <summary>Gets the id of images of the background. Not in OpenAI's API.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the error of images of the background. Not in OpenAI's API.</summary>
    public ResponseError? Error { get; init; }
}
