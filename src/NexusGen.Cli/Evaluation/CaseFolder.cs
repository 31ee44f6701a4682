using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Training;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// A folder that keeps every case: <c>cases.jsonl</c> with prompts, expected scenes and verdicts, and all pictures. A stopped
/// evaluation goes on after the last category that is whole.
/// </summary>
internal sealed class CaseFolder : IDisposable
{
    private const string CasesName = "cases.jsonl", SettingsName = "evaluation.json";

    private readonly string _folder;
    private readonly EvaluationSettings _settings;
    private readonly Dictionary<(string Suite, string Category), JsonObject[]> _whole = [];
    private readonly StreamWriter _lines;
    private int _count;

    /// <summary>Begins a folder, or goes on with one.</summary>
    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <param name="settings">The evaluation's settings.</param>
    /// <param name="resume">Whether to go on where it holds cases.</param>
    /// <exception cref="NexusGenException">It holds cases, and they are not to be gone on with or are those of other settings.</exception>
    public CaseFolder(string folder, EvaluationSettings settings, bool resume)
    {
        _folder = folder;
        _settings = settings;
        Directory.CreateDirectory(Path.Combine(folder, "pictures"));
        string cases = Path.Combine(folder, CasesName), kept = Path.Combine(folder, SettingsName);
        if (new FileInfo(cases) is { Exists: true, Length: > 0 })
        {
            if (!resume)
            {
                throw new NexusGenException($"{folder} holds an evaluation already: go on with it by --resume, or name another folder.");
            }

            string[] differences = File.Exists(kept) ? [.. settings.Differences(EvaluationSettings.Read(kept))] : [$"without its settings, {SettingsName}"];
            if (differences.Length > 0)
            {
                throw new NexusGenException($"{folder} holds an evaluation {string.Join(" and ", differences)}: name another folder.");
            }

            KeepWhole(cases);
        }

        settings.Write(kept);
        _lines = new StreamWriter(cases, append: true);
    }

    /// <summary>The cases of a category from before, in their order; null where they are not all there.</summary>
    /// <param name="suite">Its suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="evaluation">Makes the samples again.</param>
    public EvaluatedCase[]? Find(string suite, string category, WorldEvaluation evaluation) =>
        _whole.TryGetValue((suite, category), out JsonObject[]? lines)
            ? [.. lines.Select((line, number) => Restore(suite, line, evaluation.SampleOf(suite, category, _settings.LanguageOf(number), number)))]
            : null;

    /// <summary>Keeps the cases of a category.</summary>
    /// <param name="cases">All of them, in their order.</param>
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
        string name = $"{item.Suite}-{item.Sample.Category}-{_count++:00000}";
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

        Save("source", item.Sample.Source is { } source ? WorldData.Render(source) : null);
        string? drawn = Save("drawn", item.Picture);
        _lines.WriteLine(new JsonObject
        {
            ["suite"] = item.Suite,
            ["category"] = item.Sample.Category,
            ["language"] = item.Sample.Language.ToString(),
            ["turns"] = new JsonArray([.. item.Sample.Turns.Select(turn => (JsonNode)turn.Text)]),
            ["expected"] = new JsonArray([.. item.Sample.Pictures.Select(scene => (JsonNode)scene.ToString())]),
            ["said"] = item.Said,
            ["right"] = item.Right,
            ["change_right"] = item.ChangeRight,
            ["rest_right"] = item.RestRight,
            ["fault"] = item.Fault,
            ["pictures"] = pictures,
            ["drawn"] = drawn,
        }.ToJsonString(JsonText.Format));
    }

    // A line that was being written when the evaluation ended belongs to a category that is not whole.
    private void KeepWhole(string cases)
    {
        List<(JsonObject Case, string Line)> lines = [];
        foreach (string line in File.ReadLines(cases))
        {
            if (TryParse(line) is { } parsed)
            {
                lines.Add((parsed, line));
            }
        }

        List<string> keep = [];
        foreach (var group in lines.GroupBy(line => ((string)line.Case["suite"]!, (string)line.Case["category"]!)).Where(group => group.Count() == _settings.Count))
        {
            _whole.Add(group.Key, [.. group.Select(line => line.Case)]);
            keep.AddRange(group.Select(line => line.Line));
        }

        string temporary = cases + ".new";
        File.WriteAllLines(temporary, keep);
        File.Move(temporary, cases, overwrite: true);
        _count = keep.Count;
    }

    private static JsonObject? TryParse(string line)
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

    private EvaluatedCase Restore(string suite, JsonObject line, WorldSample sample)
    {
        // Only failures are looked at again.
        bool right = (bool)line["right"]!;
        RgbImage? drawn = !right && (string?)line["drawn"] is { } file ? ImageFile.Read(Path.Combine(_folder, file)) : null;
        return new EvaluatedCase(
            suite, sample, right, (bool)line["change_right"]!, (bool)line["rest_right"]!, (string)line["said"]!, (string)line["fault"]!, drawn);
    }
}
