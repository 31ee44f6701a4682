using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using NexusGen.Core;
using NexusGen.Text;
using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// A folder of images as training data: each image with its caption in a text file (<c>x.jpg</c>, <c>x.txt</c>), or pairs for
/// editing: <c>before/x.jpg</c>, <c>after/x.jpg</c> and the instruction in <c>x.txt</c>. A record has the form of the official
/// data. Nothing of the files is kept in memory except their names. Thread-safe.
/// </summary>
internal sealed partial class ImageFolder : IRecordFile
{
    private const string EnglishDrawing = "Here is an image based on the description: ", ChineseDrawing = "这是根据您的描述生成的图像：";
    private const string EnglishEdit = "Here is the image: ", ChineseEdit = "以下为编辑后的图像：";

    private readonly List<Entry> _entries = [];
    private readonly List<(long End, Entry Entry)> _records = [];
    private readonly DataSource _source;
    private readonly bool _needsText;

    /// <summary>Finds the images of a folder and of its subfolders.</summary>
    /// <param name="source">The folder and its settings.</param>
    /// <param name="needsText">Whether a record without a caption can't be used.</param>
    /// <exception cref="NexusGenException">The folder can't be read, or contains no image.</exception>
    public ImageFolder(DataSource source, bool needsText = true)
    {
        _source = source;
        _needsText = needsText;
        Path = System.IO.Path.GetFullPath(source.Path);
        try
        {
            Find(Path, source.Repeats);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"Can't read the data folder {Path}: {e.Message.TrimEnd('.')}.", e);
        }

        foreach (Entry entry in _entries)
        {
            _records.Add(((_records.Count == 0 ? 0 : _records[^1].End) + entry.Repeats, entry));
        }

        if (_entries.Count == 0)
        {
            throw new NexusGenException(
                $"The data folder {Path} contains no images ({string.Join(", ", ImageFolderFiles.Extensions)}).");
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public long Count => _records[^1].End;

    /// <summary>Whether a folder has pairs for editing.</summary>
    /// <param name="folder">The folder.</param>
    public static bool HasPairs(string folder) => ImageFolderFiles.Of(folder).Pairs is not null;

    /// <summary>Returns the language of a caption.</summary>
    /// <param name="caption">The caption.</param>
    public static Language LanguageOf(string caption) =>
        caption.Any(letter => letter is >= '\u4e00' and <= '\u9fff') ? Language.Chinese : Language.English;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(long index, ulong draw)
    {
        Entry entry = EntryOf(index);
        if (entry.Problem is { } problem)
        {
            throw new TrainingException(problem);
        }

        string caption = Caption(entry, draw);
        bool isChinese = LanguageOf(caption) == Language.Chinese;
        (ChatMessage asked, string lead) = entry.Before is not null
            ? (Prompts.Edit(caption), isChinese ? ChineseEdit : EnglishEdit)
            : (Prompts.Generate(caption, isChinese ? Language.Chinese : Language.English),
                isChinese ? ChineseDrawing : EnglishDrawing);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("images");
            if (entry.Before is not null)
            {
                json.WriteStringValue(entry.Before);
            }

            json.WriteStringValue(entry.Image);

            json.WriteEndArray();
            if (entry.Mask is not null)
            {
                json.WriteString("mask", entry.Mask);
            }

            json.WriteStartArray("messages");
            WriteTurn(json, ChatMessage.UserRole, Flatten(asked));
            WriteTurn(json, ChatMessage.AssistantRole, lead + TrainingRecord.ImageMark);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <inheritdoc/>
    public BrokenRecord Broken(long index, string reason) => new(EntryOf(index).Image, 0, reason);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static void WriteTurn(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }

    private static string Flatten(ChatMessage message) => string.Concat(message.Content.Select(part =>
        part is TextPart text ? text.Text : TrainingRecord.ImageMark));

    private Entry EntryOf(long index)
    {
        int place = _records.BinarySearch(
            (index, null!), Comparer<(long End, Entry)>.Create((a, b) => a.End <= b.End ? -1 : 1));
        return _records[~place].Entry;
    }

    private string Caption(Entry entry, ulong draw)
    {
        if (CounterRandom.Uniform(draw, (ulong)entry.Number) < _source.CaptionDropout)
        {
            return "";
        }

        string? text = entry.Text is null ? null : TextFile.Read(entry.Text).ReplaceLineEndings("\n").Trim();
        if (text is null && _needsText && _source.Trigger is null)
        {
            string stem = System.IO.Path.GetFileNameWithoutExtension(entry.Image);
            throw new TrainingException(
                $"has no caption: there is neither {stem}.txt nor {stem}.caption; nexusgen caption writes them");
        }

        return string.Join(' ', ((string?[])[_source.Trigger, text]).Where(part => !string.IsNullOrEmpty(part)));
    }

    private void Find(string folder, int repeats)
    {
        ImageFolderFiles files = ImageFolderFiles.Of(folder);
        if (files.Pairs is { } pairs)
        {
            FindPairs(files, ImageFolderFiles.Of(pairs.Before), ImageFolderFiles.Of(pairs.After), repeats);
            return;
        }

        foreach (string image in files.Images)
        {
            Add(new Entry(image, null, files.TextOf(image), repeats, _entries.Count) { Mask = files.MaskOf(image) });
        }

        foreach (string subfolder in files.Folders)
        {
            Match number = RepeatedName().Match(System.IO.Path.GetFileName(subfolder));
            Find(
                subfolder,
                number.Success ? checked(repeats * int.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture)) : repeats);
        }
    }

    private void FindPairs(ImageFolderFiles outer, ImageFolderFiles before, ImageFolderFiles after, int repeats)
    {
        ILookup<string, string> sources = before.Images.ToLookup(Stem, StringComparer.OrdinalIgnoreCase);
        foreach (string image in after.Images)
        {
            string stem = Stem(image);
            string? source = sources[stem].FirstOrDefault(
                name => System.IO.Path.GetFileName(name) == System.IO.Path.GetFileName(image)) ?? sources[stem].FirstOrDefault();
            string? text = outer.TextOf(image) ?? after.TextOf(image) ?? (source is null ? null : before.TextOf(source));
            Add(new Entry(image, source ?? "", text, repeats, _entries.Count)
            {
                Mask = outer.MaskOf(image) ?? after.MaskOf(image),
                Problem = source is null ? $"has no image of the same name in {System.IO.Path.GetFileName(before.Folder)}" : null,
            });
        }

        HashSet<string> edited = after.Images.Select(Stem).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (string image in before.Images.Where(image => !edited.Contains(Stem(image))))
        {
            Add(new Entry(image, "", null, repeats, _entries.Count)
            {
                Problem = $"has no image of the same name in {System.IO.Path.GetFileName(after.Folder)}",
            });
        }
    }

    private static string Stem(string path) => System.IO.Path.GetFileNameWithoutExtension(path);

    // Repeated 0 times, a folder is left out.
    private void Add(Entry entry)
    {
        if (entry.Repeats > 0)
        {
            _entries.Add(entry);
        }
    }

    [GeneratedRegex("^([0-9]{1,4})_", RegexOptions.CultureInvariant)]
    private static partial Regex RepeatedName();

    private sealed record Entry(string Image, string? Before, string? Text, int Repeats, int Number)
    {
        public string? Problem { get; init; }

        public string? Mask { get; init; }
    }
}
