using System.Text;

namespace NexusGen.Core;

/// <summary>
/// Reads text files, JSON and YAML among them, that people and other programs write. A byte order mark is not part of the text;
/// it also tells UTF-16 and UTF-32, which some editors and shells of Windows write, from UTF-8.
/// </summary>
internal static class TextFile
{
    /// <summary>Reads a file as UTF-8 without a byte order mark.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be read.</exception>
    public static ReadOnlyMemory<byte> ReadUtf8(string path) => Utf8(File.ReadAllBytes(path));

    /// <summary>Reads a file as a string.</summary>
    /// <inheritdoc cref="ReadUtf8"/>
    public static string Read(string path) => Encoding.UTF8.GetString(ReadUtf8(path).Span);

    /// <summary>Reads the lines of a file.</summary>
    /// <inheritdoc cref="ReadUtf8"/>
    public static string[] ReadLines(string path)
    {
        using var reader = new StringReader(Read(path));
        List<string> lines = [];
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return [.. lines];
    }

    /// <summary>Returns the content of a file as UTF-8 without a byte order mark. UTF-8 is not copied.</summary>
    /// <param name="content">The content of the file.</param>
    public static ReadOnlyMemory<byte> Utf8(byte[] content) => content switch
    {
        [0xEF, 0xBB, 0xBF, ..] => content.AsMemory(3),
        [0xFF, 0xFE, 0, 0, ..] => Encoding.Convert(Encoding.UTF32, Encoding.UTF8, content, 4, content.Length - 4),
        [0, 0, 0xFE, 0xFF, ..] => Encoding.Convert(
            new UTF32Encoding(bigEndian: true, byteOrderMark: false), Encoding.UTF8, content, 4, content.Length - 4),
        [0xFF, 0xFE, ..] => Encoding.Convert(Encoding.Unicode, Encoding.UTF8, content, 2, content.Length - 2),
        [0xFE, 0xFF, ..] => Encoding.Convert(Encoding.BigEndianUnicode, Encoding.UTF8, content, 2, content.Length - 2),
        _ => content,
    };
}
