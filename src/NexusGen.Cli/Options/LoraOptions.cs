using System.CommandLine;
using System.Globalization;
using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Lora;
using NexusGen.Requests;

namespace NexusGen.Cli.Options;

/// <summary>The options that name LoRA files.</summary>
internal sealed class LoraOptions
{
    private readonly Option<string[]> _files = new("--lora")
    {
        Description = "LoRA file of FLUX, or PEFT adapter of the language model, with its strength after the last =; repeatable. "
            + "[strength 1]",
        HelpName = "FILE[=STRENGTH]",
    };
    private readonly Option<bool> _merge = OptionOf.Switch(
        "--lora-merge",
        "Add the LoRA files to the weights when they are loaded, in memory only: as fast as without, but weights that change are "
        + "not memory-mapped and are rounded to their storage format.");

    /// <summary>Creates the option that names a folder of LoRA files, which requests name without their folder.</summary>
    public static Option<string?> Folder() => OptionOf.Text(
        "--loras",
        "Folder of LoRA files and adapters that requests can use by name: the file name without its extension. [none]",
        "FOLDER");

    /// <summary>Reads the option <see cref="Folder()"/>.</summary>
    /// <exception cref="NexusGenException">The folder does not exist.</exception>
    public static string? Folder(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is not { } folder || Directory.Exists(folder)
            ? parsed.GetValue(option)
            : throw new NexusGenException($"--loras: the folder {folder} does not exist.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_files);
        command.Options.Add(_merge);
    }

    /// <summary>Reads the options, and from each file what it changes.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="replies">Whether the command uses the language model.</param>
    /// <param name="images">Whether the command decodes images.</param>
    /// <exception cref="NexusGenException">A file can't be read, or changes what the command does not use.</exception>
    /// <exception cref="UsageException">A strength is not a number, or there is nothing to merge.</exception>
    public LoraChoice Read(ParseResult parsed, bool replies = true, bool images = true)
    {
        LoraSettings[] all = [.. (parsed.GetValue(_files) ?? []).Select(Parse)];
        bool merges = parsed.GetValue(_merge);
        if (merges && all.Length == 0)
        {
            throw new UsageException("--lora-merge requires --lora FILE.");
        }

        List<LoraSettings> forReplies = [], forImages = [];
        foreach (LoraSettings lora in all)
        {
            bool language = LoraFile.IsForLanguageModel(lora.Path);
            if (language ? !replies : !images)
            {
                throw new NexusGenException(language
                    ? $"{lora.Path} changes the language model, which this command does not use."
                    : $"{lora.Path} changes the decoders, but this command generates no image.");
            }

            (language ? forReplies : forImages).Add(lora);
        }

        return merges ? new LoraChoice([], [], all) : new LoraChoice(forReplies, forImages, []);
    }

    /// <summary>Reads a value of the option: a path, or a path and a strength.</summary>
    /// <param name="text">The value.</param>
    /// <exception cref="NexusGenException">The file does not exist.</exception>
    /// <exception cref="UsageException">The strength is not a number.</exception>
    public static LoraSettings Parse(string text)
    {
        // A file that has the whole text as its name comes first; otherwise, the last = parts the path from the strength.
        if (Exists(text))
        {
            return new LoraSettings(text);
        }

        int at = text.LastIndexOf('=');
        string path = at < 0 ? text : text[..at];
        if (!Exists(path))
        {
            throw new NexusGenException(path.Length == 0
                ? "--lora must name a file, for example --lora style.safetensors=0.8."
                : $"--lora: {path} does not exist.");
        }

        return double.TryParse(text[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double strength)
            && double.IsFinite(strength)
            ? new LoraSettings(path, strength)
            : throw new UsageException($"--lora: the strength of {path} must be a number, not '{text[(at + 1)..]}'.");
    }

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);
}
