namespace NexusGen.Cli.Core;

/// <summary>What the command tells the shell; <c>--help</c> lists them.</summary>
internal static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Done = 0;

    /// <summary>Something could not be done; one sentence on standard error says what.</summary>
    public const int Failed = 1;

    /// <summary>The command line was not understood; nothing was begun.</summary>
    public const int BadUsage = 2;

    /// <summary>Ended by Ctrl-C: 128 and the number of SIGINT, as shells count.</summary>
    public const int Cancelled = 130;
}
