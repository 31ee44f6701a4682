using System.CommandLine;

namespace NexusGen.Cli.Options;

/// <summary>What every command takes. Options know their commands, so each command line gets its own.</summary>
internal static class CommonOptions
{
    private const string QuietName = "--quiet", DebugName = "--debug", JsonName = "--json";

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

    /// <summary>The result for a program.</summary>
    public static Option<bool> Json() =>
        OptionOf.Switch(JsonName, "Write one JSON object on standard output, for programs; all else goes to standard error.");

    /// <summary>Whether progress and notes are unwanted.</summary>
    public static bool IsQuiet(ParseResult parsed) => IsGiven(parsed, QuietName);

    /// <summary>Whether the place of an error is wanted.</summary>
    public static bool IsDebug(ParseResult parsed) => IsGiven(parsed, DebugName);

    /// <summary>Whether a program reads the result.</summary>
    public static bool IsJson(ParseResult parsed) => IsGiven(parsed, JsonName);

    // Also where the rest of the line was not understood.
    private static bool IsGiven(ParseResult parsed, string name) =>
        parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options)
            .Any(option => option.Name == name && parsed.GetResult(option) is { Implicit: false });
}
