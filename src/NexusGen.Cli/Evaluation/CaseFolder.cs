using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// A folder that stores every case: <c>cases.jsonl</c> with prompts, expected scenes and verdicts, and all images. A stopped
/// evaluation resumes with the categories that are not complete.
/// </summary>
internal sealed class CaseFolder : IDisposable
{
    /// <summary>The name of the file with the cases.</summary>
    public const string CasesName = "cases.jsonl";

    private const string SettingsName = "evaluation.json";

    private readonly string _folder;
    private readonly WorldEvaluation _evaluation;
    private readonly Dictionary<(string Suite, string Category), JsonObject[]> _whole = [];
    private readonly StreamWriter _lines;
    private int _count;

    /// <summary>Creates a folder, or resumes the evaluation in an existing one.</summary>
    /// <param name="folder">The folder; it is created if it does not exist.</param>
    /// <param name="settings">The evaluation's settings.</param>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="resume">Whether to resume if the folder contains cases.</param>
    /// <exception cref="NexusGenException">The folder contains cases of other settings, or must not be resumed.</exception>
    public CaseFolder(string folder, EvaluationSettings settings, WorldEvaluation evaluation, bool resume)
    {
        _folder = folder;
        _evaluation = evaluation;
        Directory.CreateDirectory(Path.Combine(folder, "pictures"));
        string cases = Path.Combine(folder, CasesName), kept = Path.Combine(folder, SettingsName);
        if (new FileInfo(cases) is { Exists: true, Length: > 0 })
        {
            if (!resume)
            {
                throw new NexusGenException(
                    $"{folder} already contains an evaluation; use --resume to continue it, or choose another folder.");
            }

            string[] differences = File.Exists(kept)
                ? [.. settings.Differences(EvaluationSettings.Read(kept))]
                : throw new NexusGenException(
                    $"{folder} contains an evaluation without its settings, {SettingsName}; choose another folder.");
            if (differences.Length > 0)
            {
                throw new NexusGenException(
                    $"{folder} contains an evaluation with a different {string.Join(" and ", differences)}; choose another "
                    + "folder.");
            }

            KeepWhole(cases);
        }

        settings.Write(kept);
        _lines = new StreamWriter(cases, append: true);
    }

    /// <summary>Returns the stored cases of a category in their order, or null if they are not complete.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    public EvaluatedCase[]? Find(string suite, string category) =>
        _whole.TryGetValue((suite, category), out JsonObject[]? lines)
            ? [.. lines.Select((line, number) => Restore(line, _evaluation.CaseOf(suite, category, number)))]
            : null;

    /// <summary>Stores the cases of a category.</summary>
    /// <param name="cases">All cases of the category, in their order.</param>
    public void Add(IEnumerable<EvaluatedCase> cases)
    {
        foreach (EvaluatedCase item in cases)
        {
            Add(item);
        }

        _lines.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private void Add(EvaluatedCase item)
    {
        string name = $"{item.Case.Suite}-{item.Case.Category}-{_count++:00000}";
        JsonArray pictures = [];
        string? Save(string kind, RgbImage? image)
        {
            if (image is null)
            {
                return null;
            }

            string file = $"pictures/{name}-{kind}.png";
            ImageFile.Write(Path.Combine(_folder, file), image);
            pictures.Add((JsonNode)file);
            return file;
        }

        Save("source", item.Case.Source?.Invoke());
        string? drawn = Save("drawn", item.Picture);
        _lines.WriteLine(new JsonObject
        {
            ["suite"] = item.Case.Suite,
            ["category"] = item.Case.Category,
            ["language"] = item.Case.Language.ToString(),
            ["turns"] = new JsonArray([.. item.Case.Turns.Select(turn => (JsonNode)turn)]),
            ["expected"] = new JsonArray([.. item.Case.Expected.Select(scene => (JsonNode)scene)]),
            ["said"] = item.Said,
            ["right"] = item.Right,
            ["change_right"] = item.ChangeRight,
            ["rest_right"] = item.RestRight,
            ["score"] = item.Score,
            ["outside_psnr"] = item.OutsidePsnr,
            ["fault"] = item.Fault,
            ["pictures"] = pictures,
            ["drawn"] = drawn,
        }.ToJsonString(JsonText.Format));
    }

    // A line that was being written when the evaluation ended belongs to a category that is not complete.
    private void KeepWhole(string cases)
    {
        List<(JsonObject Case, string Line)> lines = [];
        foreach (string line in TextFile.ReadLines(cases))
        {
            if (TryParse(line) is { } parsed)
            {
                lines.Add((parsed, line));
            }
        }

        List<string> keep = [];
        foreach (var group in lines.GroupBy(line => ((string)line.Case["suite"]!, (string)line.Case["category"]!))
            .Where(group => group.Count() == _evaluation.CountOf(group.Key.Item1, group.Key.Item2)))
        {
            _whole.Add(group.Key, [.. group.Select(line => line.Case)]);
            keep.AddRange(group.Select(line => line.Line));
        }

        string temporary = cases + ".new";
        File.WriteAllLines(temporary, keep);
        File.Move(temporary, cases, overwrite: true);
        _count = keep.Count;
    }

    /// <summary>Reads a line of <c>cases.jsonl</c>, or returns null if it is not complete.</summary>
    /// <param name="line">The line.</param>
    public static JsonObject? TryParse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private EvaluatedCase Restore(JsonObject line, EvaluationCase item)
    {
        // Only failed cases are shown again, so only their images are read.
        bool right = (bool)line["right"]!;
        RgbImage? drawn = !right && (string?)line["drawn"] is { } file ? ImageFile.Read(Path.Combine(_folder, file)) : null;
        return new EvaluatedCase(item, right, (string)line["said"]!, (string)line["fault"]!, drawn)
        {
            ChangeRight = (bool)line["change_right"]!,
            RestRight = (bool)line["rest_right"]!,
            Score = (double)line["score"]!,
            OutsidePsnr = (double?)line["outside_psnr"],
        };
    }
}
