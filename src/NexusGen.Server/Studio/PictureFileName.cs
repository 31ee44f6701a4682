using System.Globalization;
using System.Text;
using NexusGen.Server.Images;

namespace NexusGen.Server.Studio;

/// <summary>
/// Names of files in archives: words of the text and a part of the id, as in <c>a-red-star-0f3c2a1b.png</c>. A name is no path,
/// and no name that a file system reserves, whatever the text is.
/// </summary>
internal static class PictureFileName
{
    // With the rest of the name, fewer than the 255 bytes that file systems allow, in any script.
    private const int MaxWords = 60;
    private const int IdLength = 8;

    /// <summary>Returns the name of a file.</summary>
    /// <param name="picture">The image.</param>
    /// <param name="mediaType">The media type of the file.</param>
    /// <param name="taken">The names that are taken already, to which this one is added.</param>
    public static string Of(GalleryPicture picture, string mediaType, ISet<string> taken)
    {
        string extension = mediaType == ImageFileFormat.Png.MediaType ? "png" : "jpg";
        string words = Words(picture.Kind == "brought" ? Path.GetFileNameWithoutExtension(picture.Prompt) : picture.Prompt);
        string Name(string id) => $"{(words.Length == 0 ? "nexusgen" : words)}-{id}.{extension}";
        string name = Name(picture.Id[..Math.Min(IdLength, picture.Id.Length)]);
        if (!taken.Add(name))
        {
            name = Name(picture.Id);
            taken.Add(name);
        }

        return name;
    }

    // Letters, their marks and digits of any script, with a hyphen for everything between.
    private static string Words(string text)
    {
        var words = new StringBuilder();
        bool isBetween = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isPart = Rune.IsLetterOrDigit(rune)
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            if (!isPart)
            {
                isBetween = words.Length > 0;
                continue;
            }

            if (words.Length + rune.Utf16SequenceLength + (isBetween ? 1 : 0) > MaxWords)
            {
                break;
            }

            words.Append(isBetween ? "-" : "").Append(rune.ToString());
            isBetween = false;
        }

        return words.ToString();
    }
}
