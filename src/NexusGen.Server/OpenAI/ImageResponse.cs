namespace NexusGen.Server.OpenAI;

/// <summary>Generated images.</summary>
/// <param name="Created">The time in seconds since 1970.</param>
/// <param name="Data">The images.</param>
/// <param name="OutputFormat">The format.</param>
/// <param name="Size">The width and height.</param>
/// <param name="Usage">The numbers of tokens.</param>
internal sealed record ImageResponse(
    long Created, IReadOnlyList<ImageData> Data, string OutputFormat, string Size, ImageUsage Usage)
{
    /// <summary>Gets the width and height that the model generated, if the images were resized. Not in OpenAI's API.</summary>
    public string? GeneratedSize { get; init; }
}

/// <summary>A generated image: its file or its address.</summary>
internal sealed record ImageData
{
    /// <summary>Gets the file in base64.</summary>
    public string? B64Json { get; init; }

    /// <summary>Gets the address.</summary>
    public string? Url { get; init; }

    /// <summary>Gets the seed of the image. Not in OpenAI's API.</summary>
    public ulong? Seed { get; init; }
}

/// <summary>An event of a stream of images.</summary>
/// <param name="Type">
/// <c>image_generation.partial_image</c>, <c>image_generation.completed</c>, or the same with <c>image_edit</c>.
/// </param>
/// <param name="B64Json">The file in base64.</param>
/// <param name="CreatedAt">The time in seconds since 1970.</param>
/// <param name="Size">The width and height.</param>
/// <param name="OutputFormat">The format.</param>
/// <param name="Quality">The quality, always <c>auto</c>: there is only one.</param>
/// <param name="Background">The background, always <c>opaque</c>.</param>
internal sealed record ImageEvent(
    string Type,
    string B64Json,
    long CreatedAt,
    string Size,
    string OutputFormat,
    string Quality = "auto",
    string Background = "opaque")
{
    /// <summary>Gets the index of the partial image, or null for finished images.</summary>
    public int? PartialImageIndex { get; init; }

    /// <summary>Gets the seed of a finished image, or null for partial ones. Not in OpenAI's API.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Gets the width and height that the model generated, if the image was resized. Not in OpenAI's API.</summary>
    public string? GeneratedSize { get; init; }

    /// <summary>Gets the numbers of tokens, or null for all images but the last.</summary>
    public ImageUsage? Usage { get; init; }
}

/// <summary>The numbers of tokens of a request for images.</summary>
internal sealed record ImageUsage(long InputTokens, long OutputTokens, long TotalTokens, ImageTokenDetails InputTokensDetails);

/// <summary>The numbers of tokens by kind. Those of images are not counted separately.</summary>
internal sealed record ImageTokenDetails(long TextTokens, long ImageTokens);
