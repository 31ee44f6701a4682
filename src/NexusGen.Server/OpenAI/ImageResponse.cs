namespace NexusGen.Server.OpenAI;

/// <summary>Generated images, or the state of those that are generated in the background.</summary>
/// <param name="Created">The time in seconds since 1970.</param>
/// <param name="Data">The images.</param>
internal sealed record ImageResponse(long Created, IReadOnlyList<ImageData> Data)
{
    /// <summary>Gets the id, by which a client asks for images of the background. Not in OpenAI's API.</summary>
    public string? Id { get; init; }

    /// <summary>
    /// Gets the state of images of the background: <c>queued</c>, <c>in_progress</c>, <c>completed</c>, <c>failed</c> or
    /// <c>cancelled</c>. Not in OpenAI's API.
    /// </summary>
    public string? Status { get; init; }

    /// <summary>Gets the progress of images of the background. Not in OpenAI's API.</summary>
    public StepProgress? Progress { get; init; }

    /// <summary>Gets the error of images of the background. Not in OpenAI's API.</summary>
    public ResponseError? Error { get; init; }

    /// <summary>Gets how the images of the background are returned, if not as files. Not in OpenAI's API.</summary>
    public string? ResponseFormat { get; init; }

    /// <summary>Gets the format, or null until there are images.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Gets the width and height, or null until there are images.</summary>
    public string? Size { get; init; }

    /// <summary>Gets the width and height that the model generated, if the images were resized. Not in OpenAI's API.</summary>
    public string? GeneratedSize { get; init; }

    /// <summary>Gets the numbers of tokens, or null until there are images.</summary>
    public ImageUsage? Usage { get; init; }
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

/// <summary>The numbers of tokens of a request for images.</summary>
internal sealed record ImageUsage(long InputTokens, long OutputTokens, long TotalTokens, ImageTokenDetails InputTokensDetails);

/// <summary>The numbers of tokens by kind. Those of images are not counted separately.</summary>
internal sealed record ImageTokenDetails(long TextTokens, long ImageTokens);
