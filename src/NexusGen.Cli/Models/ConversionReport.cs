using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Options;
using NexusGen.Conversion;
using Spectre.Console;

namespace NexusGen.Cli.Models;

/// <summary>Tells what a conversion does or did: tables for a person, or JSON.</summary>
/// <param name="plan">The plan.</param>
/// <param name="result">The result, or null if nothing was converted yet.</param>
internal sealed class ConversionReport(ConversionPlan plan, ConversionResult? result)
{
    /// <summary>Writes the parts with their sizes and errors, and with <paramref name="all"/> each tensor before.</summary>
    public void Write(TextWriter writer, int width, bool all)
    {
        if (all)
        {
            Write(writer, width, ["tensor", "shape", "before", "after", "error", "wide"], Tensors().Select(found => (string[])
            [
                found.Tensor.Name, $"[{string.Join(", ", found.Tensor.Shape)}]", found.Tensor.Before, found.Tensor.Encoding.Name,
                Percent(found.Error), found.Tensor.Wide ?? "",
            ]));
            writer.WriteLine();
        }

        Write(writer, width, ["part", "tensors", "wide", "before", "after", "error"], Parts().Select(part => (string[])
        [
            part.Name, Number(part.Tensors.Count), Number(part.Tensors.Count(found => found.Tensor.Wide is not null)),
            ByteSize.Format(part.Before), ByteSize.Format(part.After), Percent(part.Error),
        ]));
        writer.WriteLine(Sum());
    }

    /// <summary>Returns the sum in a line.</summary>
    public string Sum() =>
        $"{ByteSize.Format(plan.BytesBefore)} {(result is null ? "would become" : "became")} "
        + $"{ByteSize.Format(plan.BytesAfter)} in {plan.Output}.";

    /// <summary>Returns the report as JSON.</summary>
    public JsonObject Json() => new()
    {
        ["source"] = plan.Request.Source,
        ["output"] = plan.Output,
        ["type"] = plan.Request.Type.Name,
        ["converted"] = result is not null,
        ["bytes_before"] = plan.BytesBefore,
        ["bytes_after"] = plan.BytesAfter,
        ["bytes_continued"] = result?.Continued,
        ["parts"] = new JsonArray([
            .. Parts().Select(part => new JsonObject
            {
                ["name"] = part.Name,
                ["tensors"] = part.Tensors.Count,
                ["bytes_before"] = part.Before,
                ["bytes_after"] = part.After,
                ["error"] = part.Error is { } error ? JsonText.Number(error) : null,
            })
        ]),
        ["files"] = new JsonArray([
            .. plan.Files.Select(file => new JsonObject { ["path"] = file.Path, ["bytes"] = file.Length })
        ]),
        ["tensors"] = new JsonArray([
            .. Tensors().Select(found => new JsonObject
            {
                ["name"] = found.Tensor.Name,
                ["file"] = found.File.Path,
                ["shape"] = new JsonArray([.. found.Tensor.Shape.Select(side => (JsonNode)side)]),
                ["before"] = found.Tensor.Before,
                ["after"] = found.Tensor.Encoding.Name,
                ["bytes"] = found.Tensor.ByteLength,
                ["wide"] = found.Tensor.Wide,
                ["error"] = found.Error is { } error ? JsonText.Number(error) : null,
            })
        ]),
    };

    private static void Write(TextWriter writer, int width, string[] columns, IEnumerable<string[]> rows)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = Math.Max(width, 160);
        var table = new Table { Border = TableBorder.None };
        table.AddColumns([.. columns.Select(column => new TableColumn(column) { NoWrap = true })]);
        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(cell => new Spectre.Console.Text(cell))]);
        }

        console.Write(table);
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double? error) =>
        error is { } value ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.000} %") : "";

    private IEnumerable<(PlannedFile File, PlannedTensor Tensor, TensorError? Exact, double? Error)> Tensors() =>
        plan.Files.Index().SelectMany(file => file.Item.Tensors.Index().Select(tensor =>
        {
            TensorError? error = result?.Errors[file.Index][tensor.Index];
            return (file.Item, tensor.Item, error, error?.Relative);
        }));

    private IEnumerable<(string Name, List<(PlannedFile, PlannedTensor Tensor)> Tensors, long Before, long After, double? Error)>
        Parts() => Tensors().GroupBy(found => found.File.Part).Select(part => (
            part.Key,
            part.Select(found => (found.File, found.Tensor)).ToList(),
            part.Sum(found => found.Tensor.BytesBefore),
            part.Sum(found => found.Tensor.ByteLength),
            result is null
                ? null
                : (double?)part.Aggregate(default(TensorError), (sum, found) => sum + found.Exact!.Value).Relative));
}
