using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;

namespace NexusGen.Cli.Help;

/// <summary>A command of <c>nexusgen</c>: its options, its examples, and what it does.</summary>
internal abstract class NexusGenCommand : Command
{
    /// <summary>A command.</summary>
    /// <param name="terminal">Where it reads and writes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    protected NexusGenCommand(Terminal terminal, string name, string description)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction((parsed, cancellationToken) => RunAsync(parsed, CommonOptions.OutputOf(terminal, parsed), cancellationToken));
    }

    /// <summary>Command lines that show what it can do.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Where it reads and writes.</summary>
    protected Terminal Terminal { get; }

    /// <summary>Does it.</summary>
    /// <param name="parsed">The command line, free of errors.</param>
    /// <param name="output">What it says.</param>
    /// <param name="cancellationToken">Ends it within one step.</param>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken);
}
