using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Output;

namespace NexusGen.Cli.Options;

/// <summary>
/// The options that the commands share. An option belongs to its command, so each command line creates its own.
/// </summary>
internal static class CommonOptions
{
    private const string QuietName = "--quiet", DebugName = "--debug", TimingsName = "--timings", JsonName = "--json";

    /// <summary>Creates the option that suppresses progress and notes.</summary>
    public static Option<bool> Quiet()
    {
        Option<bool> option = OptionOf.Switch(QuietName, "Suppress progress and notes.", "-q");
        option.Recursive = true;
        return option;
    }

    /// <summary>Creates the option that prints the stack trace of an error.</summary>
    public static Option<bool> Debug()
    {
        Option<bool> option = OptionOf.Switch(DebugName, "Print the stack trace of an error.");
        option.Recursive = true;
        return option;
    }

    /// <summary>Creates the option that reports the time of each stage and the peak memory.</summary>
    public static Option<bool> Timings()
    {
        Option<bool> option = OptionOf.Switch(
            TimingsName,
            "Print the time of each stage and the peak memory at the end.");
        option.Recursive = true;
        return option;
    }

    /// <summary>Creates the option that prints the result as JSON.</summary>
    public static Option<bool> Json() =>
        OptionOf.Switch(JsonName, "Print only JSON on standard output; progress and errors go to standard error.");

    /// <summary>Whether progress and notes are suppressed.</summary>
    public static bool IsQuiet(ParseResult parsed) => IsGiven(parsed, QuietName);

    /// <summary>Whether the stack trace of an error is printed.</summary>
    public static bool IsDebug(ParseResult parsed) => IsGiven(parsed, DebugName);

    /// <summary>Whether the result is printed as JSON.</summary>
    public static bool IsJson(ParseResult parsed) => IsGiven(parsed, JsonName);

    /// <summary>Creates the output of a command line.</summary>
    /// <param name="terminal">The standard streams.</param>
    /// <param name="parsed">The command line.</param>
    public static CommandOutput OutputOf(Terminal terminal, ParseResult parsed) =>
        new(terminal, IsQuiet(parsed), IsJson(parsed), IsGiven(parsed, TimingsName));

    // Works even if the rest of the line has errors.
    private static bool IsGiven(ParseResult parsed, string name) =>
        parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options)
            .Any(option => option.Name == name && parsed.GetResult(option) is { Implicit: false });
}
