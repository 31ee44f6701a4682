using System.Globalization;
using Microsoft.Extensions.Options;
using NexusGen.Requests;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Requests;

/// <summary>The limits of requests, and the name of the model. The methods throw if a request exceeds a limit.</summary>
internal sealed class Limits(IOptions<NexusGenServerOptions> options, NexusGenModel model)
{
    private readonly NexusGenServerOptions _options = options.Value;

    /// <summary>Gets the name of the model.</summary>
    public string ModelId { get; } =
        options.Value.ModelId ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model.Paths.Root)));

    /// <summary>
    /// Gets the maximum number of tokens of replies whose requests can't set one, such as the text before an image.
    /// </summary>
    public int MaxTokens => Tokens(null, "");

    /// <summary>Gets the maximum number of images of a request.</summary>
    public int MaxImages => _options.MaxPictures;

    /// <summary>Checks the name of a model.</summary>
    /// <exception cref="ApiException">It is another model.</exception>
    public void Model(string? name)
    {
        if (name is not null && name != ModelId)
        {
            throw ApiException.NotFound(
                $"There is no such model here; this server has {ModelId}.", "model", "model_not_found");
        }
    }

    /// <summary>Parses a size like <c>512x512</c>. Returns nulls if it is not set or <c>auto</c>.</summary>
    /// <exception cref="ApiException">The size is invalid or too large.</exception>
    public (int? Width, int? Height) Size(string? size, string field)
    {
        if (size is null or "auto")
        {
            return default;
        }

        string[] sides = size.Split('x');
        bool Parse(string text, out int side) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side)
            && side >= 16
            && side <= _options.MaxSide;
        return sides.Length == 2 && Parse(sides[0], out int width) && Parse(sides[1], out int height)
            ? (width, height)
            : throw ApiException.BadRequest(
                $"{field} must be auto, or a width and a height of 16 to {_options.MaxSide} pixels as in 512x512.", field);
    }

    /// <summary>Checks a number of images to generate. Returns 1 if it is not set.</summary>
    public int Count(int? n, string field = "n") => InRange(n, 1, _options.MaxCount, field) ?? 1;

    /// <summary>Checks a number of denoising steps.</summary>
    public int? Steps(int? steps, string field) => InRange(steps, 1, _options.MaxSteps, field);

    /// <summary>Returns the maximum number of tokens of a reply.</summary>
    public int Tokens(int? tokens, string field) =>
        Math.Min(InRange(tokens, 1, int.MaxValue, field) ?? new ReplySettings().MaxNewTokens, _options.MaxTokens);

    /// <summary>Checks the length of a request's texts.</summary>
    public void TextLength(long characters, string field)
    {
        if (!IsTextTaken(characters))
        {
            throw ApiException.BadRequest(
                $"{field} has {characters:N0} characters, but at most {_options.MaxTextLength:N0} are taken.",
                field,
                "string_above_max_length");
        }
    }

    /// <summary>Checks the number of a request's images.</summary>
    public void Images(int count, string field)
    {
        if (count > _options.MaxPictures)
        {
            throw ApiException.BadRequest(
                $"{field} brings more than {_options.MaxPictures} pictures, the most that are taken.", field);
        }
    }

    /// <summary>Checks the number of pixels of all images together.</summary>
    public void Pixels(long pixels, string field)
    {
        if (pixels > _options.MaxRequestPixels)
        {
            throw ApiException.BadRequest(
                $"{field} brings pictures of more than {_options.MaxRequestPixels:N0} pixels together, the most that are taken: "
                + "scale them down.",
                field,
                "image_too_large");
        }
    }

    /// <summary>Checks the number of bytes that were fetched for a request.</summary>
    public void FetchedBytes(long bytes, string field)
    {
        if (bytes > _options.MaxBodyBytes)
        {
            throw ApiException.BadRequest(
                $"{field} names pictures of more than {_options.MaxBodyBytes:N0} bytes together, the most that are fetched.",
                field,
                "image_too_large");
        }
    }

    /// <summary>Checks the length of a conversation.</summary>
    public void ConversationLength(long characters, string field)
    {
        if (!IsTextTaken(characters))
        {
            throw ApiException.BadRequest(
                $"{field} has {characters:N0} characters, but this server's maximum context length is "
                + $"{_options.MaxTextLength:N0} characters: shorten the conversation.",
                field,
                ErrorTranslation.ContextLengthExceeded);
        }
    }

    /// <summary>Returns whether texts of a length are taken.</summary>
    public bool IsTextTaken(long characters) => characters <= _options.MaxTextLength;

    /// <summary>Checks the range of a number.</summary>
    public static double? InRange(double? value, double min, double max, string field) =>
        value is not { } given || (given >= min && given <= max)
            ? value
            : throw ApiException.BadRequest(
                string.Create(CultureInfo.InvariantCulture, $"{field} is {given}, but it must be between {min} and {max}."),
                field);

    /// <summary>Checks the range of an integer.</summary>
    public static int? InRange(int? value, int min, int max, string field) => (int?)InRange((double?)value, min, max, field);
}
