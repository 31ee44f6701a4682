namespace NexusGen.Server.OpenAI;

/// <summary>Drawn pictures.</summary>
/// <param name="Created">When, in seconds since 1970.</param>
/// <param name="Data">The pictures.</param>
/// <param name="OutputFormat">Their format.</param>
/// <param name="Size">Width and height.</param>
/// <param name="Usage">What was read and written.</param>
internal sealed record ImageResponse(long Created, IReadOnlyList<ImageData> Data, string OutputFormat, string Size, ImageUsage Usage);

/// <summary>A drawn picture: its bytes, or where it is.</summary>
internal sealed record ImageData
{
    /// <summary>The file in base64.</summary>
    public string? B64Json { get; init; }

    /// <summary>Where it can be fetched.</summary>
    public string? Url { get; init; }

    /// <summary>The seed that draws it again. Not OpenAI's.</summary>
    public ulong? Seed { get; init; }
}

/// <summary>An event of a stream of pictures.</summary>
/// <param name="Type"><c>image_generation.partial_image</c>, <c>image_generation.completed</c>, or the same with <c>image_edit</c>.</param>
/// <param name="B64Json">The picture's file in base64.</param>
/// <param name="CreatedAt">When, in seconds since 1970.</param>
/// <param name="Size">Width and height.</param>
/// <param name="OutputFormat">The format.</param>
/// <param name="Quality">Always <c>auto</c>: there is one.</param>
/// <param name="Background">Always <c>opaque</c>.</param>
internal sealed record ImageEvent(string Type, string B64Json, long CreatedAt, string Size, string OutputFormat, string Quality = "auto", string Background = "opaque")
{
    /// <summary>Which partial picture it is, from 0; null of finished ones.</summary>
    public int? PartialImageIndex { get; init; }

    /// <summary>What was read and written; of the last picture.</summary>
    public ImageUsage? Usage { get; init; }
}

/// <summary>Tokens of a request for pictures.</summary>
internal sealed record ImageUsage(long InputTokens, long OutputTokens, long TotalTokens, ImageTokenDetails InputTokensDetails);

/// <summary>Tokens by kind; of pictures none are counted apart.</summary>
internal sealed record ImageTokenDetails(long TextTokens, long ImageTokens);
