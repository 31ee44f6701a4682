using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Worlds.Export;

/// <summary>
/// Writes samples as files: JSON lines in the official format of Nexus-Gen's training data, pictures as PNG, a data card, and
/// <c>world.json</c>, from which someone else can write a judge. The folder appears as a whole or not at all.
/// </summary>
public static class WorldExport
{
    private static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a folder.</summary>
    /// <param name="folder">The folder; it must not be there yet, or be empty.</param>
    /// <param name="options">What is written.</param>
    /// <param name="progress">Hears how many samples are written.</param>
    /// <param name="cancellationToken">Ends it; nothing stays.</param>
    /// <exception cref="WorldException">The folder holds something already, or an option can't be.</exception>
    /// <exception cref="IOException">A file can't be written.</exception>
    public static void Write(
        string folder, ExportOptions options, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new WorldException($"{folder} holds something already: name a folder that isn't there yet.");
        }

        if (options.Samples < 1 || options.Split == WorldSplit.Composition)
        {
            throw new WorldException("An export has at least one sample a task, of training, validation or test.");
        }

        WorldGeometry.ScaleOf(options.Side);
        string temporary = $"{target}.{Environment.ProcessId}.new";
        try
        {
            Directory.CreateDirectory(Path.Combine(temporary, "images"));
            int done = 0;
            foreach (WorldTask task in options.Tasks)
            {
                WriteTask(temporary, task, options, () => progress?.Report(++done), cancellationToken);
            }

            File.WriteAllText(
                Path.Combine(temporary, "world.json"),
                WorldDescription.Of(options).ToJsonString(new JsonSerializerOptions(Line) { WriteIndented = true }) + "\n");
            File.WriteAllText(Path.Combine(temporary, "README.md"), WorldDescription.Card(options));
            if (Directory.Exists(target))
            {
                Directory.Delete(target);
            }

            Directory.Move(temporary, target);
        }
        catch
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            throw;
        }
    }

    private static void WriteTask(
        string folder, WorldTask task, ExportOptions options, Action written, CancellationToken cancellationToken)
    {
        string name = task.ToString().ToLowerInvariant();
        var mix = new WorldMix(options.Seed, task, options.Split) { Language = options.Language };
        using var lines = new StreamWriter(Path.Combine(folder, name + ".jsonl"), append: false, new UTF8Encoding(false))
        {
            NewLine = "\n",
        };
        for (int i = 0; i < options.Samples; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            WorldSample sample = mix[i];
            JsonArray images = [], scenes = [];
            foreach (Scene scene in sample.Pictures)
            {
                string file = $"images/{name}-{i:000000}-{images.Count}.png";
                File.WriteAllBytes(Path.Combine(folder, file), PngEncoder.Encode(Renderer.Render(scene, options.Side)));
                images.Add((JsonNode)file);
                scenes.Add((JsonNode)scene.ToString());
            }

            var messages = new JsonArray([.. sample.Turns.Select(turn =>
                (JsonNode)new JsonObject { ["role"] = turn.IsReply ? "assistant" : "user", ["content"] = turn.Text })]);
            lines.WriteLine(new JsonObject
            {
                ["id"] = $"shapesworld-{name}-{options.Seed}-{i}",
                ["source"] = "ShapesWorld",
                ["category"] = sample.Category,
                ["images"] = images,
                ["messages"] = messages,
                ["scenes"] = scenes,
            }.ToJsonString(Line));
            written();
        }
    }
}
