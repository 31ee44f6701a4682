using System.CommandLine;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Models;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Conversion;
using NexusGen.Hub;
using NexusGen.Hub.Core;

namespace NexusGen.Cli.Commands;

/// <summary>Fetches a model, or files of any repository, from a hub.</summary>
internal sealed class PullCommand : NexusGenCommand
{
    private const string DefaultFolder = "models";

    private readonly Argument<string?> _repository = new("REPOSITORY")
    {
        Description = "Repository as org/name or org/name@revision. Without it, the official model with all its parts.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "Files of the repository, as --include.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<HubSite?> _site = OptionOf.ValueChoice(
        "--from",
        "Hub. [huggingface]",
        ("huggingface", HubSite.HuggingFace), ("modelscope", HubSite.ModelScope));

    private readonly Option<string?> _model = OptionOf.Text(
        "--model",
        "Folder of the model. A repository that you name goes into a subfolder of its name. [models]",
        "FOLDER", "-m");
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "Folder that receives the files of the repository themselves.",
        "FOLDER", "-o");
    private readonly Option<string[]> _include = Patterns(
        "--include",
        "Files to fetch, such as *.safetensors; repeatable. [all]");
    private readonly Option<string[]> _exclude = Patterns("--exclude", "Files to leave out; repeatable.");
    private readonly Option<int?> _connections = OptionOf.Integer("--connections", "Files fetched at the same time. [4]", 1, 64);
    private readonly Option<string?> _type = OptionOf.Text(
        "--to",
        $"Convert each part of the model as it is fetched, and keep only the result: {StorageType.Names}.",
        "TYPE", "--weights");
    private readonly Option<bool> _dryRun = OptionOf.Switch("--dry-run", "Only print what would be fetched, with sizes.");

    /// <summary>Initializes the command and its options.</summary>
    public PullCommand(Terminal terminal)
        : base(
            terminal,
            "pull",
            "Fetch a model from a hub: the official one, or any repository. An interrupted pull goes on where it was.")
    {
        Arguments.Add(_repository);
        Arguments.Add(_files);
        foreach (Option option in (Option[])[
            _site, _model, _output, _include, _exclude, _connections, _type, _dryRun, CommonOptions.Json()
        ])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen pull --dry-run",
        "nexusgen pull --from modelscope --model models",
        "nexusgen pull --to q8_0 --model models-q8",
        "nexusgen pull org/name@v1 --include \"*.safetensors\" --output loras",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        IReadOnlyList<PullRequest> requests = Requests(parsed);
        using var hub = new ModelHub { Connections = parsed.GetValue(_connections) ?? 4 };
        if (parsed.GetValue(_type) is { } word)
        {
            return await ConvertAsync(parsed, hub, requests, TypeOf(word), output, cancellationToken);
        }

        PullPlan plan = await hub.PlanAsync(requests, cancellationToken);
        bool isDry = parsed.GetValue(_dryRun);
        if (isDry)
        {
            if (!output.IsJson)
            {
                PullReport.Write(plan, Terminal.Out, Terminal.Width);
            }
        }
        else
        {
            output.WriteNote(PullReport.Sum(plan));
            using var progress = new TransferProgress(Terminal, CommonOptions.IsQuiet(parsed));
            await hub.PullAsync(plan, progress, cancellationToken);
        }

        if (!isDry)
        {
            string folders = string.Join(" and ", requests.Select(request => request.Folder));
            output.WriteLine($"{plan.Files.Count} files are in {folders}.");
        }

        JsonObject json = PullReport.Json(plan);
        json["fetched"] = !isDry;
        output.WriteJson(json);
        return ExitCode.Success;
    }

    private static StorageType TypeOf(string word) => StorageType.Find(word, "")
        ?? throw new UsageException($"--to must be one of {StorageType.Names}, not '{word}'.");

    private async Task<int> ConvertAsync(
        ParseResult parsed,
        ModelHub hub,
        IReadOnlyList<PullRequest> requests,
        StorageType type,
        CommandOutput output,
        CancellationToken cancellationToken)
    {
        string folder = parsed.GetValue(_repository) is null
            ? parsed.GetValue(_model) ?? DefaultFolder
            : requests[0].Folder;
        var pull = new ConvertingPull(hub, folder, type);
        await pull.PlanAsync(requests, cancellationToken);
        bool isDry = parsed.GetValue(_dryRun);
        string peak = $"The disk holds about {ByteSize.Format(pull.PeakBytes)} at a time, at most.";
        if (isDry)
        {
            if (!output.IsJson)
            {
                PullReport.Write(pull.Plan, Terminal.Out, Terminal.Width);
                output.WriteLine(peak);
            }
        }
        else
        {
            output.WriteNote($"{PullReport.Sum(pull.Plan)} {peak}");
            bool quiet = CommonOptions.IsQuiet(parsed);
            using var fetching = new TransferProgress(Terminal, quiet);
            using var converting = new TransferProgress(Terminal, quiet, things: "tensors");
            await pull.RunAsync(fetching, converting, cancellationToken);
            output.WriteLine($"The model is in {folder}, as {type.Name}.");
        }

        JsonObject json = PullReport.Json(pull.Plan);
        json["fetched"] = !isDry;
        json["to"] = type.Name;
        json["bytes_peak"] = pull.PeakBytes;
        output.WriteJson(json);
        return ExitCode.Success;
    }

    private static Option<string[]> Patterns(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PATTERN",
        Arity = ArgumentArity.OneOrMore,
    };

    private IReadOnlyList<PullRequest> Requests(ParseResult parsed)
    {
        HubSite site = parsed.GetValue(_site) ?? HubSite.HuggingFace;
        string folder = parsed.GetValue(_model) ?? DefaultFolder;
        string? output = parsed.GetValue(_output);
        string[] include = [.. parsed.GetValue(_include) ?? [], .. parsed.GetValue(_files) ?? []];
        string[] exclude = parsed.GetValue(_exclude) ?? [];
        if (parsed.GetValue(_repository) is not { } name)
        {
            if (output is not null || include.Length > 0)
            {
                throw new UsageException(
                    "--output and --include need a repository: nexusgen pull org/name --include \"*.json\".");
            }

            return
            [
                .. PullRequest.Official(site, folder)
                    .Select(official => official with { Exclude = [.. official.Exclude, .. exclude] })
            ];
        }

        if (!HubRepository.TryParse(name, out HubRepository? repository))
        {
            throw new UsageException($"\"{name}\" is no repository: write org/name, or org/name@revision.");
        }

        return
        [
            new PullRequest
            {
                Site = site,
                Repository = repository,
                Folder = output ?? Path.Combine(folder, repository.Name),
                Include = include,
                Exclude = exclude,
            },
        ];
    }
}
