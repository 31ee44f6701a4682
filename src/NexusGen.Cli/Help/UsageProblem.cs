using System.CommandLine;
using System.CommandLine.Parsing;

namespace NexusGen.Cli.Help;

/// <summary>Describes what is wrong with a command line, in one sentence.</summary>
internal static class UsageProblem
{
    /// <summary>Returns the first problem, or null if there is none or if help or the version was requested.</summary>
    public static string? Find(ParseResult parsed)
    {
        if (parsed.Action is { ClearsParseErrors: true })
        {
            return null;
        }

        return UnknownOption(parsed) ?? (parsed.UnmatchedTokens is [string word, ..] ? Unknown(parsed, word) : null)
            ?? parsed.Errors.FirstOrDefault()?.Message;
    }

    // The parser accepts an unknown option as the text of a prompt, which nobody intends.
    private static string? UnknownOption(ParseResult parsed)
    {
        if (parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash))
        {
            return null;
        }

        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens)
            .Select(token => token.Value).FirstOrDefault(Spelling.LooksLikeOption) is { } word ? Unknown(parsed, word) : null;
    }

    private static string Unknown(ParseResult parsed, string word)
    {
        Command command = parsed.CommandResult.Command;
        if (word.StartsWith('-'))
        {
            IEnumerable<Option> options = parsed.CommandResult.Command.Options.Concat(
                parsed.RootCommandResult.Command.Options.Where(o => o.Recursive));
            string name = word.Split('=')[0];
            string? near = Spelling.Nearest(
                name,
                options.Where(o => !o.Hidden).SelectMany(o => o.Aliases.Append(o.Name)).Where(o => o.StartsWith("--")));
            return $"Unknown option {name}{Meant(near)}";
        }

        if (command is RootCommand)
        {
            return $"Unknown command {word}{Meant(Spelling.Nearest(word, command.Subcommands.Select(c => c.Name)))}";
        }

        string shown = word.Length > 40 ? word[..40] + "…" : word;
        return $"Unexpected argument '{shown}'; put a text of several words in quotation marks.";
    }

    private static string Meant(string? near) => near is null ? "." : $"; did you mean {near}?";
}
