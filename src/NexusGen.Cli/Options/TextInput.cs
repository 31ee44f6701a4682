using System.CommandLine;
using NexusGen.Cli.Core;

namespace NexusGen.Cli.Options;

/// <summary>The text that a command works from: the first word after its name, or an option; never both.</summary>
internal sealed class TextInput
{
    private readonly Argument<string?> _argument;
    private readonly Option<string?> _option;

    /// <summary>The text.</summary>
    /// <param name="name">The official name of the option.</param>
    /// <param name="helpName">What to call it in the help.</param>
    /// <param name="description">What it is.</param>
    /// <param name="aliases">Other names of the option.</param>
    public TextInput(string name, string helpName, string description, params string[] aliases)
    {
        _argument = new Argument<string?>(helpName) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        _option = OptionOf.AnyText(name, $"The same as {helpName}.", "TEXT", aliases);
    }

    /// <summary>Adds both ways to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_argument);
        command.Options.Add(_option);
    }

    /// <summary>The text; null where there is none.</summary>
    /// <exception cref="UsageException">It is given twice, or is the name of a file.</exception>
    public string? Read(ParseResult parsed)
    {
        string? word = parsed.GetValue(_argument);
        if (word is not null && parsed.GetValue(_option) is not null)
        {
            throw new UsageException($"The text is given twice, as '{Short(word)}' and by {_option.Name}.");
        }

        if (word is { Length: < 4096 } && File.Exists(word))
        {
            throw new UsageException($"{word} is a file, but a text stands here: give a picture as --image {word}.");
        }

        return word ?? parsed.GetValue(_option);
    }

    /// <summary>The text.</summary>
    /// <exception cref="UsageException">There is none, it is given twice, or is the name of a file.</exception>
    public string Require(ParseResult parsed, string example) =>
        Read(parsed) is { } text && !string.IsNullOrWhiteSpace(text) ? text : throw new UsageException($"The text is missing: {example}.");

    private static string Short(string text) => text.Length > 30 ? text[..30] + "…" : text;
}
