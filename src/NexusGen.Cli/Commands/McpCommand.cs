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

/// <summary>
/// Provides the model as tools to an assistant or an editor over standard input and output (Model Context Protocol).
/// </summary>
internal sealed class McpCommand : NexusGenCommand
{
    private readonly Option<string[]> _folders = new("--folder")
    {
        Description = "Folder with images that the assistant may open by path; repeatable. [none]",
        HelpName = "FOLDER",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<double?> _keep = OptionOf.Number(
        "--keep",
        "Seconds for which the model components stay in memory after the last call. [300]",
        0, 2_000_000);

    private readonly Option<string?> _loras = LoraOptions.Folder();

    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public McpCommand(Terminal terminal)
        : base(
            terminal,
            "mcp",
            "Offer the model as tools to an assistant over standard input and output (Model Context Protocol).")
    {
        Options.Add(_folders);
        Options.Add(_keep);
        Options.Add(_loras);
        _model.AddTo(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen mcp",
        "nexusgen mcp --folder ~/Pictures",
        """In an MCP client's configuration: { "mcpServers": { "nexusgen": { "command": "nexusgen", "args": ["mcp"] } } }""",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        using NexusGenModel model = _model.Open(parsed);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();

        // Standard output is reserved for the protocol.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(model);
        builder.Services.AddNexusGenMcp(options =>
        {
            options.Loras = LoraOptions.Folder(parsed, _loras);
            options.Keep = TimeSpan.FromSeconds(parsed.GetValue(_keep) ?? 300);
            foreach (string folder in parsed.GetValue(_folders) ?? [])
            {
                options.Folders.Add(Directory.Exists(folder)
                    ? folder
                    : throw new NexusGenException($"--folder: the folder {folder} does not exist."));
            }
        });
        using IHost host = builder.Build();
        output.WriteNote(
            "Serving the Model Context Protocol on standard input and output; an assistant or an editor usually starts this "
            + "command.");
        await host.RunAsync(cancellationToken);
        return ExitCode.Success;
    }
}
