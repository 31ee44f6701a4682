using System.CommandLine;

namespace NexusGen.Cli.Options;

/// <summary>What every command takes.</summary>
internal static class CommonOptions
{
    /// <summary>No progress and no notes.</summary>
    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Show neither progress nor notes.", Recursive = true };

    /// <summary>Where an error comes from.</summary>
    public static Option<bool> Debug { get; } = new("--debug") { Description = "Show where in the program an error comes from.", Recursive = true };

    /// <summary>The result for a program.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Write one JSON object on standard output, for programs; all else goes to standard error." };
}
