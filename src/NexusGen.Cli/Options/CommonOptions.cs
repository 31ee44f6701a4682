using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Output;

namespace NexusGen.Cli.Options;

/// <summary>What every command takes. Options know their commands, so each command line gets its own.</summary>
internal static class CommonOptions
{
    private const string QuietName = "--quiet", DebugName = "--debug", TimingsName = "--timings", JsonName = "--json";

    /// <summary>No progress and no notes.</summary>
    public static Option<bool> Quiet()
    {
        Option<bool> option = OptionOf.Switch(QuietName, "Show neither progress nor notes.", "-q");
        option.Recursive = true;
        return option;
    }

    /// <summary>Where an error comes from.</summary>
    public static Option<bool> Debug()
    {
        Option<bool> option = OptionOf.Switch(DebugName, "Show where in the program an error comes from.");
        option.Recursive = true;
        return option;
    }

    /// <summary>Where the time goes.</summary>
    public static Option<bool> Timings()
    {
        Option<bool> option = OptionOf.Switch(TimingsName, "Tell at the end how long each stage took, and how much memory was held.");
        option.Recursive = true;
        return option;
    }

    /// <summary>The result for a program.</summary>
    public static Option<bool> Json() =>
        OptionOf.Switch(JsonName, "Write one JSON object on standard output, for programs; all else goes to standard error.");

    /// <summary>Whether progress and notes are unwanted.</summary>
    public static bool IsQuiet(ParseResult parsed) => IsGiven(parsed, QuietName);

    /// <summary>Whether the place of an error is wanted.</summary>
    public static bool IsDebug(ParseResult parsed) => IsGiven(parsed, DebugName);

    /// <summary>Whether a program reads the result.</summary>
    public static bool IsJson(ParseResult parsed) => IsGiven(parsed, JsonName);

    /// <summary>The output that a command line asks for.</summary>
    /// <param name="terminal">Where it is written.</param>
    /// <param name="parsed">The command line.</param>
    public static CommandOutput OutputOf(Terminal terminal, ParseResult parsed) =>
        new(terminal, IsQuiet(parsed), IsJson(parsed), IsGiven(parsed, TimingsName));

    // Also where the rest of the line was not understood.
    private static bool IsGiven(ParseResult parsed, string name) =>
        parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options)
            .Any(option => option.Name == name && parsed.GetResult(option) is { Implicit: false });
}
