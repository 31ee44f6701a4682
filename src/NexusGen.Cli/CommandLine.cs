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
/// The command <c>nexusgen</c>: parses the command line, runs the command that it names, and reports every failure as one
/// sentence on standard error and an exit code (<see cref="ExitCode"/>). It has no state and may run several command lines.
/// </summary>
/// <param name="terminal">The standard streams.</param>
internal sealed class CommandLine(Terminal terminal)
{
    // Response files are disabled so that a prompt may begin with @.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments after the name of the program.</param>
    /// <param name="cancellationToken">Cancels the command between two steps.</param>
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
            string command = parsed.CommandResult.Command is RootCommand
                ? "nexusgen"
                : $"nexusgen {parsed.CommandResult.Command.Name}";
            return Fail(parsed, e, e.Message, ExitCode.InvalidUsage, $"See '{command} --help'.");
        }
        catch (Exception e) when (e is not OperationCanceledException && CurrentFolderIsGone())
        {
            return Fail(
                parsed,
                e,
                "The current folder does not exist any more; change to another one and run the command again.",
                ExitCode.Failed);
        }
        catch (NexusGenException e)
        {
            return Fail(parsed, e, e.Message, ExitCode.Failed);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            // A terminal that accepts no output must not keep a cancelled command alive.
            var telling = new Thread(() => Fail(parsed, e, "Cancelled.", ExitCode.Cancelled)) { IsBackground = true };
            telling.Start();
            telling.Join(TimeSpan.FromSeconds(2));
            return ExitCode.Cancelled;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(parsed, e, e.Message, ExitCode.Failed);
        }
        catch (Exception e) when (IsOutOfMemory(e))
        {
            return Fail(
                parsed,
                e,
                "Out of memory; try --memory-budget, a smaller image, or --weights fp8, which shrinks the decoders and not the "
                + "language model.",
                ExitCode.Failed);
        }
        catch (Exception e)
        {
            // libtorch appends its call stack to the message after the first line.
            return Fail(
                parsed,
                e,
                $"Internal error: {e.Message.Split('\n')[0]} Run the command with --debug for the stack trace.",
                ExitCode.Failed);
        }
    }

    private static bool CurrentFolderIsGone()
    {
        try
        {
            return !Directory.Exists(Directory.GetCurrentDirectory());
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool IsOutOfMemory(Exception e) =>
        e is OutOfMemoryException
        || (e is ExternalException
            && (e.Message.Contains("can't allocate memory", StringComparison.Ordinal)
                || e.Message.Contains("out of memory", StringComparison.Ordinal)));

    /// <summary>Creates the root command with all commands.</summary>
    internal RootCommand Build()
    {
        var root = new RootCommand("Nexus-Gen: one model that understands, generates and edits images (arXiv 2504.21356).")
        {
            new GenerateCommand(terminal),
            new EditCommand(terminal),
            new UnderstandCommand(terminal),
            new ReconstructCommand(terminal),
            new ChatCommand(terminal),
            new ServeCommand(terminal),
            new McpCommand(terminal),
            new PullCommand(terminal),
            new ModelsCommand(terminal),
            new DoctorCommand(terminal),
            new ConvertCommand(terminal),
            new InspectCommand(terminal),
            new VerifyCommand(terminal),
            new TrainCommand(terminal),
            new PrepareCommand(terminal),
            new CaptionCommand(terminal),
            new EvalCommand(terminal),
            new AblateCommand(terminal),
            new ShapesWorldCommand(terminal),
            new ThingsCommand(terminal),
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
        string sentence = VisibleText.Of(message.ReplaceLineEndings(" ").Trim());
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
            // The reader of the output has gone; the exit code still reports the failure.
        }

        return code;
    }
}
