namespace NexusGen.Cli.Core;

/// <summary>The exit codes of the command; <c>--help</c> lists them.</summary>
internal static class ExitCode
{
    /// <summary>The command succeeded.</summary>
    public const int Success = 0;

    /// <summary>The command failed; one sentence on standard error gives the reason.</summary>
    public const int Failed = 1;

    /// <summary>The command line is invalid; nothing was started.</summary>
    public const int InvalidUsage = 2;

    /// <summary>Cancelled by Ctrl-C: 128 plus the number of SIGINT, as shells report it.</summary>
    public const int Cancelled = 130;
}
