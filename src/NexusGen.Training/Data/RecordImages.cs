using System.Text.Json;
using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Training.Data;

/// <summary>
/// Reads the images of a training record: a text or a list of texts, each a file, a <c>data:</c> URL or base64, or objects with
/// <c>path</c>, <c>bytes</c> or <c>url</c>.
/// </summary>
internal static class RecordImages
{
    private const string Data = "data:", Base64 = ";base64,";

    // ms-swift takes a text that is longer than this for base64 unless there is such a file.
    private const int LongestPath = 200;

    /// <summary>Reads the images of a record or of a part of a message.</summary>
    /// <param name="value">The value, or null for none.</param>
    /// <exception cref="NexusGenException">The value is something else.</exception>
    public static List<string> Read(JsonElement? value) => value switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list =>
            [.. list.EnumerateArray().Where(item => item.ValueKind != JsonValueKind.Null).Select(One)],
        { } single => [One(single)],
    };

    /// <summary>Resolves an image: a file against a folder, and base64 to a <c>data:</c> URL.</summary>
    /// <param name="image">The image, as the record has it.</param>
    /// <param name="folder">The folder that relative file names are resolved against.</param>
    /// <exception cref="NexusGenException">The image is an address on the web.</exception>
    public static string Resolve(string image, string folder)
    {
        image = image.Trim();
        if (image.StartsWith(Data, StringComparison.Ordinal))
        {
            return image;
        }

        if (image.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || image.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            throw new NexusGenException($"has an image on the web, {image}; download it and name the file");
        }

        string path = Path.Combine(folder, image);
        return image.Length <= LongestPath || File.Exists(path) ? path : Data + Base64 + image;
    }

    /// <summary>Decodes an image.</summary>
    /// <param name="image">The path of a file, or a <c>data:</c> URL.</param>
    /// <exception cref="NexusGenException">The image can't be read.</exception>
    public static RgbImage Decode(string image)
    {
        if (!image.StartsWith(Data, StringComparison.Ordinal))
        {
            return ImageFile.Read(image);
        }

        int start = image.IndexOf(Base64, StringComparison.Ordinal);
        byte[] bytes = new byte[image.Length];
        return start >= 0 && Convert.TryFromBase64String(image[(start + Base64.Length)..], bytes, out int count)
            ? ImageFile.Read(bytes.AsSpan(0, count))
            : throw new NexusGenException("has an image that is neither a file nor base64");
    }

    private static string One(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString()!;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new NexusGenException("has an image that is neither a text nor an object with path or bytes");
        }

        // The bytes of a file have no form in JSON: base64 and lists of numbers are in use.
        var fields = new RecordFields(value);
        return fields.Find("bytes") switch
        {
            { ValueKind: JsonValueKind.Array } numbers => Data + Base64 + Convert.ToBase64String(
                [.. numbers.EnumerateArray().Select(number => number.GetByte())]),
            { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } given =>
                given.StartsWith(Data, StringComparison.Ordinal) ? given : Data + Base64 + given,
            _ => fields.Text("path", "url")
                ?? throw new NexusGenException("has an image that is neither a text nor an object with path or bytes"),
        };
    }
}
