using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Options;
using NexusGen.Core;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Inspection;
using NexusGen.Weights.Quantization;
using Spectre.Console;

namespace NexusGen.Cli.Inspection;

/// <summary>Lists the tensors of weight files as a table or as JSON, from the headers of the files alone.</summary>
/// <param name="location">The file or folder.</param>
/// <param name="reports">The contents: one report for each file or for each set of files that belong together.</param>
internal sealed class WeightList(string location, IReadOnlyList<WeightReport> reports)
{
    private const int LongestValue = 120;

    private static readonly string[] Endings = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".gguf"];

    /// <summary>Reads a file, or all weight files of a folder and its subfolders.</summary>
    /// <exception cref="NexusGenException">There are no weight files, or one can't be read.</exception>
    public static WeightList Read(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
        {
            return new WeightList(path, [WeightInspector.Inspect(path)]);
        }

        List<WeightReport> reports = [];
        HashSet<string> seen = [];
        string[] files = Directory.GetFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true });
        Array.Sort(files, StringComparer.Ordinal);

        // Index files come first: they show which files belong together and whether one is missing.
        IEnumerable<string> indices = files.Where(file => file.EndsWith(".index.json", StringComparison.Ordinal));
        IEnumerable<string> weights = files.Where(
            file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase));
        foreach (string file in indices.Concat(weights))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!seen.Contains(Path.GetFullPath(file)))
            {
                WeightReport report = WeightInspector.Inspect(file);
                seen.UnionWith(report.Files.Select(total => Path.GetFullPath(total.Name)));
                reports.Add(report);
            }
        }

        return reports.Count > 0
            ? new WeightList(path, reports)
            : throw new NexusGenException(
                $"The folder {path} contains no weight files ({string.Join(", ", Endings)}).");
    }

    /// <summary>Writes one line per tensor, then the totals.</summary>
    public void Write(TextWriter writer)
    {
        Table tensors = NewTable(3, "name", "type", "shape", "size");
        foreach (TensorEntry entry in reports.SelectMany(report => report.Tensors))
        {
            AddRow(tensors, entry.Name, TensorTypes.NameOf(entry), Shape(entry), ByteSize.Format(entry.ByteLength));
        }

        Table totals = NewTable(1, "total of", "tensors", "elements", "size");
        foreach (WeightTotal total in Files().Concat(Types()).Append(Total()))
        {
            AddRow(totals, WithBlock(total.Name), Write(total.Tensors), Write(total.Elements), ByteSize.Format(total.Bytes));
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer)
        });

        // Rows are not wrapped: the reader can scroll or cut them with other tools.
        console.Profile.Width = 100_000;
        console.Write(tensors);
        console.WriteLine();
        KeyValuePair<string, string>[] metadata = [.. Metadata().OrderBy(pair => pair.Key, StringComparer.Ordinal)];
        if (metadata.Length > 0)
        {
            Table values = NewTable(2, "metadata", "value");
            foreach ((string key, string value) in metadata)
            {
                AddRow(values, key, VisibleText.Of(value, LongestValue));
            }

            console.Write(values);
            console.WriteLine();
        }

        console.Write(totals);
    }

    /// <summary>Returns the list as JSON.</summary>
    public JsonObject Json() => new()
    {
        ["location"] = location,
        ["total"] = Json(Total()),
        ["types"] = new JsonArray([.. Types().Select(TypeJson)]),
        ["files"] = new JsonArray([.. Files().Select(total => (JsonNode)Json(total))]),
        ["metadata"] = new JsonObject(Metadata().Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        ["tensors"] = new JsonArray([.. reports.SelectMany(report => report.Tensors).Select(entry => (JsonNode)new JsonObject
        {
            ["name"] = entry.Name,
            ["type"] = TensorTypes.NameOf(entry),
            ["shape"] = new JsonArray([.. entry.Shape.Select(side => (JsonNode)side)]),
            ["bytes"] = entry.ByteLength,
            ["file"] = entry.File,
        })]),
    };

    private IEnumerable<WeightTotal> Files() => reports.SelectMany(report => report.Files);

    private IEnumerable<WeightTotal> Types() => reports.SelectMany(report => report.Types).GroupBy(total => total.Name)
        .Select(group => Sum(group.Key, group)).OrderByDescending(total => total.Bytes);

    private WeightTotal Total() => Sum("all", reports.Select(report => report.Total));

    private static WeightTotal Sum(string name, IEnumerable<WeightTotal> totals) =>
        totals.Aggregate(
            new WeightTotal(name, 0, 0, 0),
            (a, b) => new WeightTotal(name, a.Tensors + b.Tensors, a.Elements + b.Elements, a.Bytes + b.Bytes));

    private static JsonObject Json(WeightTotal total) =>
        new() { ["name"] = total.Name, ["tensors"] = total.Tensors, ["elements"] = total.Elements, ["bytes"] = total.Bytes };

    // Types with blocks have two more numbers.
    private static JsonNode TypeJson(WeightTotal total)
    {
        JsonObject json = Json(total);
        if (GgmlTypes.Find(total.Name)?.Blocks is { } block)
        {
            json["block_values"] = block.Values;
            json["block_bytes"] = block.Bytes;
        }

        return json;
    }

    private static string WithBlock(string type) => GgmlTypes.Find(type)?.Blocks is { } block
        ? $"{type} ({block.Values} values in {block.Bytes} bytes)"
        : type;

    private IEnumerable<KeyValuePair<string, string>> Metadata() =>
        reports.SelectMany(report => report.Metadata).DistinctBy(pair => pair.Key);

    private static string Shape(TensorEntry entry) => $"[{string.Join(", ", entry.Shape)}]";

    private static string Write(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    // The columns from firstNumber on contain numbers and are aligned to the right.
    private static Table NewTable(int firstNumber, params string[] columns)
    {
        var table = new Table { Border = TableBorder.None };
        for (int i = 0; i < columns.Length; i++)
        {
            table.AddColumn(new TableColumn(columns[i])
            {
                NoWrap = true,
                Alignment = i < firstNumber ? Justify.Left : Justify.Right,
                Padding = new Padding(0, 0, i == columns.Length - 1 ? 0 : 2, 0),
            });
        }

        return table;
    }

    private static void AddRow(Table table, params string[] cells) =>
        table.AddRow([.. cells.Select(cell => new Spectre.Console.Text(VisibleText.Of(cell)))]);
}
