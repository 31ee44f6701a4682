using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using NexusGen.Cli.Core;

namespace NexusGen.Cli.Help;

/// <summary>
/// The output of <c>--help</c> and <c>--version</c>: the library's help pages with examples and exit codes appended.
/// </summary>
internal static class CommandHelp
{
    /// <summary>The version of the command.</summary>
    public static string Version { get; } =
        typeof(CommandHelp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            .Split('+')[0] ?? "0";

    /// <summary>Sets the actions of the help and version options, which apply to all commands.</summary>
    public static void Apply(RootCommand root, Terminal terminal)
    {
        foreach (Option option in root.Options)
        {
            switch (option)
            {
                case HelpOption help:
                    help.Description = "Show this help.";
                    help.Action = new ShowHelp(terminal.Width, asked: true);
                    root.Action = new ShowHelp(terminal.Width, asked: false);
                    break;
                case VersionOption version:
                    version.Description = "Show the version.";
                    version.Action = new ShowVersion();
                    break;
            }
        }
    }

    private sealed class ShowHelp(int width, bool asked) : SynchronousCommandLineAction
    {
        private readonly HelpAction _library = new() { MaxWidth = width };

        // If help was requested, errors in the rest of the line do not matter.
        public override bool ClearsParseErrors => asked;

        public override int Invoke(ParseResult parseResult)
        {
            // The library names the command after its assembly.
            TextWriter writer = parseResult.InvocationConfiguration.Output;
            using var page = new StringWriter();
            parseResult.InvocationConfiguration.Output = page;
            _library.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output = writer;
            writer.Write(page.ToString().Replace(RootCommand.ExecutableName + " ", "nexusgen ", StringComparison.Ordinal));
            writer.WriteLine("Examples:");
            IReadOnlyList<string> examples = parseResult.CommandResult.Command is NexusGenCommand command
                ? command.Examples
                : ["nexusgen demo", "nexusgen generate \"A cat in a spacesuit\" --output cat.png", "nexusgen generate --help"];
            foreach (string example in examples)
            {
                writer.WriteLine("  " + example);
            }

            writer.WriteLine();
            writer.WriteLine("Exit codes:");
            writer.WriteLine("  0 success, 1 failure, 2 invalid command line, 130 cancelled by Ctrl-C");
            return ExitCode.Success;
        }
    }

    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"nexusgen {Version}");
            return ExitCode.Success;
        }
    }
}
