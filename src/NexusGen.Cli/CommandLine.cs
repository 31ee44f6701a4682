using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using NexusGen.Cli.Commands;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Core;

namespace NexusGen.Cli;

/// <summary>
/// The command <c>nexusgen</c>: reads the command line, runs the command that it names, and turns every failure into one
/// sentence on standard error and an exit code (<see cref="ExitCode"/>). It holds no state, so it may run many times.
/// </summary>
/// <param name="terminal">Where it reads and writes.</param>
internal sealed class CommandLine(Terminal terminal)
{
    // Without response files a prompt may begin with @.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The words after the command's name.</param>
    /// <param name="cancellationToken">Ends it within one step.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ParseResult parsed = Build().Parse(Spelling.Normalize(arguments), Parsing);
        try
        {
            if (UsageProblem.Find(parsed) is { } problem)
            {
                throw new UsageException(problem);
            }

            var invocation = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (UsageException e)
        {
            string command = parsed.CommandResult.Command is RootCommand ? "nexusgen" : $"nexusgen {parsed.CommandResult.Command.Name}";
            return Fail(parsed, e, e.Message, ExitCode.BadUsage, $"'{command} --help' shows what can be written.");
        }
        catch (NexusGenException e)
        {
            return Fail(parsed, e, e.Message, ExitCode.Failed);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            return Fail(parsed, e, "Cancelled.", ExitCode.Cancelled);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(parsed, e, e.Message, ExitCode.Failed);
        }
        catch (Exception e) when (IsOutOfMemory(e))
        {
            return Fail(parsed, e, "There is not enough memory; try --memory-budget, --weights fp8 or a smaller picture.", ExitCode.Failed);
        }
        catch (Exception e)
        {
            // libtorch tells its own call stack below the first line.
            return Fail(parsed, e, $"An error that should not happen: {e.Message.Split('\n')[0]} Run it with --debug to see where.", ExitCode.Failed);
        }
    }

    private static bool IsOutOfMemory(Exception e) =>
        e is OutOfMemoryException
        || (e is ExternalException && (e.Message.Contains("can't allocate memory", StringComparison.Ordinal) || e.Message.Contains("out of memory", StringComparison.Ordinal)));

    /// <summary>All commands.</summary>
    internal RootCommand Build()
    {
        var root = new RootCommand("Nexus-Gen: one model that understands, draws and edits pictures (arXiv 2504.21356).")
        {
            new GenerateCommand(terminal),
            new EditCommand(terminal),
            new UnderstandCommand(terminal),
            new ReconstructCommand(terminal),
            new ChatCommand(terminal),
            new ServeCommand(terminal),
            new McpCommand(terminal),
            new InspectCommand(terminal),
            new VerifyCommand(terminal),
            new TrainCommand(terminal),
            new PrepareCommand(terminal),
            new EvalCommand(terminal),
            new AblateCommand(terminal),
            new ShapesWorldCommand(terminal),
            new ExportCommand(terminal),
            new DemoCommand(terminal),
        };
        root.Options.Add(CommonOptions.Quiet());
        root.Options.Add(CommonOptions.Timings());
        root.Options.Add(CommonOptions.Debug());
        CommandHelp.Apply(root, terminal);
        return root;
    }

    private int Fail(ParseResult parsed, Exception exception, string message, int code, string? hint = null)
    {
        string sentence = message.ReplaceLineEndings(" ").Trim();
        try
        {
            terminal.Error.WriteLine($"nexusgen: {sentence}{(hint is null ? "" : " " + hint)}");
            if (CommonOptions.IsDebug(parsed))
            {
                terminal.Error.WriteLine(exception);
            }

            if (CommonOptions.IsJson(parsed))
            {
                terminal.Out.WriteLine(new JsonObject { ["error"] = sentence }.ToJsonString(JsonText.Format));
            }
        }
        catch (IOException)
        {
            // Nobody listens any more; the exit code still tells.
        }

        return code;
    }
}
