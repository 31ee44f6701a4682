using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Server;

namespace NexusGen.Cli.Commands;

/// <summary>Gives the model as tools to an assistant or an editor, over standard input and output (Model Context Protocol).</summary>
internal sealed class McpCommand : NexusGenCommand
{
    private readonly Option<string[]> _folders = new("--folder")
    {
        Description = "A folder whose pictures the assistant may name by their paths; may be given several times. [none]",
        HelpName = "FOLDER",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<double?> _keep = OptionOf.Number(
        "--keep",
        "How many seconds the model's parts stay in memory after the last call. [300]",
        0, 2_000_000);

    private readonly ModelOptions _model = new();

    /// <summary>The command.</summary>
    public McpCommand(Terminal terminal)
        : base(terminal, "mcp", "Give the model as tools to an assistant, over standard input and output (Model Context Protocol).")
    {
        Options.Add(_folders);
        Options.Add(_keep);
        _model.AddTo(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen mcp",
        "nexusgen mcp --folder ~/Pictures",
        """In an editor's configuration: { "mcpServers": { "nexusgen": { "command": "nexusgen", "args": ["mcp"] } } }""",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        using NexusGenModel model = _model.Open(parsed);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();

        // Standard output belongs to the protocol.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(model);
        builder.Services.AddNexusGenMcp(options =>
        {
            options.Keep = TimeSpan.FromSeconds(parsed.GetValue(_keep) ?? 300);
            foreach (string folder in parsed.GetValue(_folders) ?? [])
            {
                options.Folders.Add(Directory.Exists(folder) ? folder : throw new NexusGenException($"--folder is {folder}, but there is no such folder."));
            }
        });
        using IHost host = builder.Build();
        output.Note("Nexus-Gen speaks the Model Context Protocol on standard input and output; an assistant or an editor starts this command itself.");
        await host.RunAsync(cancellationToken);
        return ExitCode.Done;
    }
}
