using System.CommandLine;
using NexusGen.Cli.Core;

namespace NexusGen.Cli.Options;

/// <summary>The text of a command: the first argument or an option, but not both.</summary>
internal sealed class TextInput
{
    private readonly Argument<string?> _argument;
    private readonly Option<string?> _option;

    /// <summary>Initializes the argument and the option.</summary>
    /// <param name="name">The official name of the option.</param>
    /// <param name="helpName">The name of the argument in the help.</param>
    /// <param name="description">A description for the help.</param>
    /// <param name="aliases">Other names of the option.</param>
    public TextInput(string name, string helpName, string description, params string[] aliases)
    {
        _argument = new Argument<string?>(helpName) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        _option = OptionOf.AnyText(name, $"The same as {helpName}.", "TEXT", aliases);
    }

    /// <summary>Adds the argument and the option to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_argument);
        command.Options.Add(_option);
    }

    /// <summary>Returns the text, or null if there is none.</summary>
    /// <exception cref="UsageException">The text is given twice, or the argument is the name of an existing file.</exception>
    public string? Read(ParseResult parsed)
    {
        string? word = parsed.GetValue(_argument);
        if (word is not null && parsed.GetValue(_option) is not null)
        {
            throw new UsageException($"The text is given twice, as '{Short(word)}' and with {_option.Name}.");
        }

        if (word is { Length: < 4096 } && File.Exists(word))
        {
            throw new UsageException($"Expected a text, but {word} is a file; to pass an image, use --image {word}.");
        }

        return word ?? parsed.GetValue(_option);
    }

    /// <summary>Returns the text.</summary>
    /// <exception cref="UsageException">The text is missing or given twice, or the argument names an existing file.</exception>
    public string Require(ParseResult parsed, string example) =>
        Read(parsed) is { } text && !string.IsNullOrWhiteSpace(text)
            ? text
            : throw new UsageException($"The text is missing: {example}.");

    private static string Short(string text) => text.Length > 30 ? text[..30] + "…" : text;
}
