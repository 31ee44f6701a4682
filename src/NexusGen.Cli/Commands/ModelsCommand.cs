using System.CommandLine;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Models;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Hub.Core;
using Spectre.Console;

namespace NexusGen.Cli.Commands;

/// <summary>Lists the models on this machine, and removes them.</summary>
internal sealed class ModelsCommand : NexusGenCommand
{
    private const string RemoveWord = "remove";

    private readonly Argument<string[]> _words = new("FOLDER")
    {
        Description = "Folders to look in, instead of models/ here and above and the program's own, beside the hubs' caches; "
            + "or the word remove and the names of what to remove.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _yes = OptionOf.Switch("--yes", "Remove without asking.", "-y");

    /// <summary>Initializes the command and its options.</summary>
    public ModelsCommand(Terminal terminal)
        : base(terminal, "models", "List the models on this machine with sizes and formats, or remove some.")
    {
        Arguments.Add(_words);
        Options.Add(_yes);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen models",
        "nexusgen models /data/models --json",
        "nexusgen models remove models-q4",
        "nexusgen models remove org/name --yes",
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string[] words = parsed.GetValue(_words) ?? [];
        var inventory = new ModelInventory(HubSettings.FromEnvironment());
        if (words is [RemoveWord, ..])
        {
            Remove(inventory, words[1..], parsed.GetValue(_yes), output);
        }
        else
        {
            List(inventory.Find(words), output);
        }

        return Task.FromResult(ExitCode.Success);
    }

    private static JsonObject Json(InstalledModel model) => new()
    {
        ["name"] = model.Name,
        ["kind"] = model.Kind,
        ["folder"] = model.Folder,
        ["bytes"] = model.Bytes,
        ["types"] = new JsonArray([.. model.Types.Select(type => (JsonNode)type)]),
        ["revision"] = model.Revision,
        ["whole"] = model.IsWhole,
        ["problems"] = new JsonArray([.. model.Problems.Select(problem => (JsonNode)problem)]),
    };

    private void List(IReadOnlyList<InstalledModel> models, CommandOutput output)
    {
        if (!output.IsJson)
        {
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(Terminal.Out),
            });
            console.Profile.Width = 100_000;
            var table = new Table { Border = TableBorder.None };
            table.AddColumns(
                [.. ((string[])["name", "kind", "size", "types", "revision", "state"]).Select(name => new TableColumn(name))]);
            foreach (InstalledModel model in models)
            {
                string types = string.Join(", ", model.Types.Take(3)) + (model.Types.Count > 3 ? ", …" : "");
                table.AddRow([
                    .. ((string[])[
                        model.Name, model.Kind, ByteSize.Format(model.Bytes), types, model.Revision ?? "",
                        model.IsWhole ? "whole" : "not whole",
                    ]).Select(cell => new Spectre.Console.Text(VisibleText.Of(cell))),
                ]);
            }

            console.Write(table);
            foreach (InstalledModel model in models.Where(model => !model.IsWhole))
            {
                Terminal.Out.WriteLine($"{VisibleText.Of(model.Name)}: {VisibleText.Of(model.Problems[0])}");
            }
        }

        output.WriteJson(new JsonObject { ["models"] = new JsonArray([.. models.Select(model => (JsonNode)Json(model))]) });
    }

    private void Remove(ModelInventory inventory, string[] names, bool yes, CommandOutput output)
    {
        if (names.Length == 0)
        {
            throw new UsageException("The name is missing: nexusgen models remove NAME.");
        }

        IReadOnlyList<InstalledModel> all = inventory.Find([]);
        InstalledModel[] given = [.. names.Where(Directory.Exists).SelectMany(folder => inventory.Find([folder]))];
        all = [.. all.Concat(given).DistinctBy(model => model.Folder)];
        List<InstalledModel> chosen = [.. names.SelectMany(name => Choose(all, name)).DistinctBy(model => model.Folder)];
        foreach (InstalledModel model in chosen)
        {
            IReadOnlyList<InstalledModel> others = [.. all.Except(chosen)];
            if (inventory.Refusal(model, others) is { } refusal)
            {
                throw new NexusGenException(refusal);
            }
        }

        if (!yes && !Agrees(chosen))
        {
            output.WriteLine("Nothing was removed.");
            return;
        }

        foreach (InstalledModel model in chosen)
        {
            inventory.Remove(model);
            output.WriteLine($"Removed {model.Name} ({ByteSize.Format(model.Bytes)}).");
        }

        output.WriteJson(new JsonObject { ["removed"] = new JsonArray([.. chosen.Select(model => (JsonNode)Json(model))]) });
    }

    // A repository's name without a commit means all its commits.
    private static InstalledModel[] Choose(IReadOnlyList<InstalledModel> all, string name)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        InstalledModel[] found =
        [
            .. all.Where(model => model.Name == name || model.Folder == path || model.Cached?.Name == name
                || (model.Cached is { Commit: { } commit } cached && $"{cached.Name}@{commit}" == name))
        ];
        return found.Length > 0 ? found : throw new NexusGenException(
            $"There is no model {name} here; nexusgen models lists what there is.");
    }

    private bool Agrees(List<InstalledModel> models)
    {
        if (!Terminal.TypesInput)
        {
            throw new UsageException("Nobody can be asked here; add --yes to remove.");
        }

        foreach (InstalledModel model in models)
        {
            Terminal.Out.WriteLine($"{model.Folder} ({ByteSize.Format(model.Bytes)})");
        }

        Terminal.Out.Write("Remove? [y/N] ");
        Terminal.Out.Flush();
        return Terminal.In.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }
}
