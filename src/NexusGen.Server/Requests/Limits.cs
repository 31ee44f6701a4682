using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using NexusGen.Requests;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Loras;

namespace NexusGen.Server.Requests;

/// <summary>The limits of requests, and the name of the model. The methods throw if a request exceeds a limit.</summary>
internal sealed class Limits(IOptions<NexusGenServerOptions> options, NexusGenModel model, LoraFolder loras)
{
    private const string LoraMark = ":";

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

    /// <summary>Gets the LoRAs that requests can name now.</summary>
    public LoraNames Loras => loras.Find();

    /// <summary>Returns the name of the model with a LoRA, as requests write it.</summary>
    public string ModelWith(string lora) => $"{ModelId}{LoraMark}{lora}";

    /// <summary>Checks the name of a model, and reads the LoRAs of a request.</summary>
    /// <param name="name">The name of the model, with LoRAs behind a colon: <c>model:style=0.8+other</c>; or null.</param>
    /// <param name="more">The field <c>loras</c>, whose LoRAs are added, or null.</param>
    /// <returns>What the request is computed with.</returns>
    /// <exception cref="ApiException">It is another model, or a LoRA is unknown or can't be used.</exception>
    public LoraSelection Model(string? name, JsonElement? more = null)
    {
        string? chosen = null;
        if (name is not null && name != ModelId)
        {
            chosen = name.StartsWith(ModelId + LoraMark, StringComparison.Ordinal)
                ? name[(ModelId.Length + LoraMark.Length)..]
                : throw UnknownModel(Loras);
        }

        if (chosen is null && more is null or { ValueKind: JsonValueKind.Null })
        {
            return LoraSelection.None;
        }

        LoraNames names = Loras;
        IReadOnlyList<NamedLora> named = chosen is null ? [] : names.Read(chosen, "model", UnknownModel(names));
        return names.Select([.. named, .. names.Read(more, "loras")], chosen is null ? "loras" : "model");
    }

    /// <summary>Returns what a request with named LoRAs is computed with.</summary>
    /// <exception cref="ApiException">A LoRA is unknown or can't be used, or they are too many.</exception>
    public LoraSelection With(IReadOnlyList<NamedLora>? named) =>
        named is { Count: > 0 } ? Loras.Select(named, "loras") : LoraSelection.None;

    /// <summary>Returns what a request with LoRAs is computed with.</summary>
    /// <param name="texts">The LoRAs as texts like <c>style=0.8</c>, or null.</param>
    /// <exception cref="ApiException">A LoRA is unknown or can't be used, or they are too many.</exception>
    public LoraSelection With(IReadOnlyList<string>? texts)
    {
        LoraNames? names = texts is { Count: > 0 } ? Loras : null;
        return names is null
            ? LoraSelection.None
            : names.Select(texts!.SelectMany(text => names.Read(text ?? "", "loras")), "loras");
    }

    private ApiException UnknownModel(LoraNames names) => ApiException.NotFound(
        $"There is no such model here; this server has {ModelId}"
        + (names.Entries.Count == 0 ? "." : $", alone and as {names.List(ModelWith(""))}."),
        "model",
        "model_not_found");

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
