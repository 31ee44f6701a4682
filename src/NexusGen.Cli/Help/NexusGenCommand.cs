using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;

namespace NexusGen.Cli.Help;

/// <summary>A command of <c>nexusgen</c> with its options, its examples and its action.</summary>
internal abstract class NexusGenCommand : Command
{
    /// <summary>Initializes the command.</summary>
    /// <param name="terminal">The standard streams.</param>
    /// <param name="name">The name of the command.</param>
    /// <param name="description">A description for the help.</param>
    protected NexusGenCommand(Terminal terminal, string name, string description)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction((parsed, cancellationToken) =>
        {
            CommandOutput output = CommonOptions.OutputOf(terminal, parsed);
            foreach (string seed in OptionOf.DrawnSeeds(parsed))
            {
                output.WriteNote($"Note: the random seed is {seed}.");
            }

            return RunAsync(parsed, output, cancellationToken);
        });
    }

    /// <summary>Example command lines for the help.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>The standard streams.</summary>
    protected Terminal Terminal { get; }

    /// <summary>Runs the command.</summary>
    /// <param name="parsed">The command line, which has no errors.</param>
    /// <param name="output">The command's output.</param>
    /// <param name="cancellationToken">Cancels the command between two steps.</param>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken);
}
