using System.Text.Json.Nodes;
using NexusGen.Cli.Training;
using NexusGen.Imaging;

namespace NexusGen.Cli.Evaluation;

/// <summary>A folder that keeps every case: <c>cases.jsonl</c> with prompts, expected scenes and verdicts, and all pictures.</summary>
internal sealed class CaseFolder : IDisposable
{
    private readonly string _folder;
    private readonly StreamWriter _lines;
    private int _count;

    /// <summary>Begins a folder.</summary>
    public CaseFolder(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "pictures"));
        _lines = new StreamWriter(Path.Combine(folder, "cases.jsonl"));
    }

    /// <summary>Keeps a case.</summary>
    public void Add(EvaluatedCase item)
    {
        string name = $"{item.Suite}-{item.Sample.Category}-{_count++:00000}";
        JsonArray pictures = [];
        void Save(string kind, RgbImage image)
        {
            string file = $"pictures/{name}-{kind}.png";
            ImageFile.Write(Path.Combine(_folder, file), image);
            pictures.Add((JsonNode)file);
        }

        if (item.Sample.Source is { } source)
        {
            Save("source", WorldData.Render(source));
        }

        if (item.Picture is { } picture)
        {
            Save("drawn", picture);
        }

        _lines.WriteLine(new JsonObject
        {
            ["suite"] = item.Suite,
            ["category"] = item.Sample.Category,
            ["language"] = item.Sample.Language.ToString(),
            ["turns"] = new JsonArray([.. item.Sample.Turns.Select(turn => (JsonNode)turn.Text)]),
            ["expected"] = new JsonArray([.. item.Sample.Pictures.Select(scene => (JsonNode)scene.ToString())]),
            ["said"] = item.Said,
            ["right"] = item.Right,
            ["fault"] = item.Fault,
            ["pictures"] = pictures,
        }.ToJsonString(JsonText.Format));
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();
}
