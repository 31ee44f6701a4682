using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using NexusGen.Cli.Core;

namespace NexusGen.Cli.Help;

/// <summary>What <c>--help</c> and <c>--version</c> show: the library's pages with examples and exit codes below.</summary>
internal static class CommandHelp
{
    /// <summary>The version of the command.</summary>
    public static string Version { get; } =
        typeof(CommandHelp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Gives the command and all below it their help.</summary>
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

        // Where help is asked for, nothing else on the line matters.
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
            writer.WriteLine("  0 done, 1 failed, 2 the command line was not understood, 130 ended by Ctrl-C");
            return ExitCode.Done;
        }
    }

    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"nexusgen {Version}");
            return ExitCode.Done;
        }
    }
}
