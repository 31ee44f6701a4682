using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Training.Data;

namespace NexusGen.Cli.Commands;

/// <summary>Describes the images of a folder that have no text file, as training data needs them.</summary>
internal sealed class CaptionCommand : NexusGenCommand
{
    private const string EnglishPrompt = "Please give a brief description of the image.", ChinesePrompt = "请简要描述这张图片。";
    private const string Ending = ".txt";

    private readonly Argument<string> _folder = new("FOLDER") { Description = "Folder of images, with its subfolders." };
    private readonly Option<string?> _prompt = OptionOf.Text(
        "--prompt",
        $"What the model is asked. [{EnglishPrompt}]",
        "TEXT", "-p");
    private readonly Option<string?> _trigger = OptionOf.Text(
        "--trigger",
        "Text that is put before each caption, with a space.",
        "TEXT");
    private readonly Option<Language?> _language = OptionOf.ValueChoice(
        "--language",
        "Language of the captions, if there is no --prompt. [en]",
        ("en", Language.English), ("zh", Language.Chinese));
    private readonly ReplyOptions _reply = new(draws: false);
    private readonly LoraOptions _loras = new();
    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public CaptionCommand(Terminal terminal)
        : base(
            terminal,
            "caption",
            "Describe the images of a folder that have no text file, into text files beside them. Existing ones stay; a stopped "
                + "command continues where it was.")
    {
        Arguments.Add(_folder);
        Options.Add(_prompt);
        Options.Add(_trigger);
        Options.Add(_language);
        _reply.AddTo(this);
        _loras.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen caption pictures",
        "nexusgen caption pictures --trigger \"a photo of my cat,\" --prompt \"What is the cat doing?\"",
        "nexusgen caption pictures --language zh",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string folder = parsed.GetRequiredValue(_folder);
        List<(string Image, string Text)> missing = [];
        int present = Find(folder, missing);
        if (missing.Count == 0 && present == 0)
        {
            throw new NexusGenException(
                $"{folder} contains no images ({string.Join(", ", ImageFolderFiles.Extensions)}).");
        }

        LoraChoice loras = _loras.Read(parsed, images: false);
        string prompt = parsed.GetValue(_prompt)
            ?? (parsed.GetValue(_language) == Language.Chinese ? ChinesePrompt : EnglishPrompt);
        int written = 0;
        List<string> failed = [];
        if (missing.Count > 0)
        {
            using NexusGenModel model = _model.Open(parsed, merged: loras.Merged);
            using var progress = output.Progress();
            foreach ((int i, (string image, string text)) in missing.Index())
            {
                try
                {
                    var request = new UnderstandRequest(prompt)
                    {
                        Images = [ImageFile.Read(image)],
                        Reply = _reply.Read(parsed, null) with { Loras = loras.Reply },
                    };
                    Reply reply = await model.UnderstandAsync(request, progress, cancellationToken);
                    string caption = string.Join(
                        ' ', reply.PlainText.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                    if (caption.Length == 0)
                    {
                        throw new NexusGenException($"{image}: the model says nothing about it; choose another --prompt.");
                    }

                    caption = string.Join(' ', ((string?[])[parsed.GetValue(_trigger), caption]).OfType<string>());
                    written += Write(text, caption) ? 1 : 0;
                    progress.Pause();
                    output.WriteLine($"[{i + 1}/{missing.Count}] {Path.GetRelativePath(folder, image)}: {caption}");
                }
                catch (ImagingException e)
                {
                    progress.Pause();
                    failed.Add(image);
                    output.WriteError(e.Message);
                }
            }
        }

        output.WriteLine($"{written} captions were written; {present} images had one"
            + (failed.Count > 0 ? $"; {failed.Count} can't be read." : "."));
        output.WriteJson(new JsonObject
        {
            ["written"] = written,
            ["present"] = present,
            ["failed"] = new JsonArray([.. failed.Select(path => (JsonNode)path!)]),
        });
        return failed.Count > 0 ? ExitCode.Failed : ExitCode.Success;
    }

    // Returns the number of images that have a text file.
    private static int Find(string folder, List<(string Image, string Text)> missing)
    {
        ImageFolderFiles files;
        try
        {
            files = ImageFolderFiles.Of(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"Can't read the folder {folder}: {e.Message.TrimEnd('.')}.", e);
        }

        if (files.Pairs is not null)
        {
            throw new NexusGenException(
                $"{folder} has pairs of images (before, after), whose texts are instructions; write them yourself.");
        }

        // Two images of one stem, such as x.jpg and x.png, get a text file each.
        string[] present = [.. files.Images.Where(image => files.TextOf(image) is not null)];
        ILookup<string, string> stems = files.Images.ToLookup(Stem, StringComparer.OrdinalIgnoreCase);
        missing.AddRange(files.Images.Except(present).Select(image => (
            image,
            Path.Combine(folder, (stems[Stem(image)].Count() > 1 ? Path.GetFileName(image) : Stem(image)) + Ending))));
        return present.Length + files.Folders.Sum(subfolder => Find(subfolder, missing));
    }

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path);

    // Returns false if someone else has written the file meanwhile.
    private static bool Write(string path, string caption)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.new");
        try
        {
            File.WriteAllText(temporary, caption + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
            return false;
        }
    }
}
