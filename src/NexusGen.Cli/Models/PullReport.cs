using System.Text.Json.Nodes;
using NexusGen.Cli.Options;
using NexusGen.Hub;
using Spectre.Console;

namespace NexusGen.Cli.Models;

/// <summary>Tells what a pull will do, as a table or as JSON.</summary>
internal static class PullReport
{
    /// <summary>Writes the files with their sizes, and the space that is needed.</summary>
    public static void Write(PullPlan plan, TextWriter writer, int width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width;
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        table.AddColumns(new TableColumn("size").RightAligned(), new TableColumn("state"), new TableColumn("file"));
        foreach (PullFile file in plan.Files)
        {
            string size = file.Size is { } bytes ? ByteSize.Format(bytes) : "?";
            table.AddRow(Markup.Escape(size), StateOf(file), Markup.Escape(file.Target));
        }

        console.Write(table);
        writer.WriteLine(Sum(plan));
    }

    /// <summary>Returns the sum of a plan in a line.</summary>
    public static string Sum(PullPlan plan) =>
        $"{plan.Files.Count} files of {ByteSize.Format(plan.Bytes)}; {ByteSize.Format(plan.BytesToFetch)} to fetch, "
        + $"{ByteSize.Format(plan.BytesFree)} free.";

    /// <summary>Returns a plan as JSON.</summary>
    public static JsonObject Json(PullPlan plan) => new()
    {
        ["bytes"] = plan.Bytes,
        ["bytes_to_fetch"] = plan.BytesToFetch,
        ["bytes_free"] = plan.BytesFree,
        ["files"] = new JsonArray([
            .. plan.Files.Select(file => new JsonObject
            {
                ["repository"] = file.Request.Repository.ToString(),
                ["path"] = file.Path,
                ["size"] = file.Size,
                ["state"] = StateOf(file),
                ["target"] = file.Target,
            })
        ]),
    };

    private static string StateOf(PullFile file) => file.State switch
    {
        PullState.Present => "present",
        PullState.Cached => "cached",
        PullState.Begun => "begun",
        _ => "missing",
    };
}
