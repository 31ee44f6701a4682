using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Autoregressive;
using NexusGen.Cli.Training;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Data;
using NexusGen.Training.Autoregressive;
using NexusGen.Weights.Modules;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;
using static TorchSharp.torch;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// How near the embeddings that a model predicts come to the true ones, before any decoder: what tells whether the language model
/// or the decoder is to blame for a wrong picture.
/// </summary>
internal sealed class WorldPredictions : IDisposable
{
    private readonly ModelFiles _files;
    private readonly VisionEncoder _eye;
    private readonly LanguageModel _model;
    private readonly ulong _seed;
    private readonly bool? _jitter;
    private readonly List<(string Suite, string Category, int Cases, DrawingErrors Errors)> _rows = [];

    /// <summary>Loads the language model and the vision encoder, in float32.</summary>
    /// <param name="paths">The model.</param>
    /// <param name="seed">Decides the cases.</param>
    /// <param name="jitter">Whether objects stand off the middle of their cells; half and half where null.</param>
    /// <param name="device">Where it is computed.</param>
    public WorldPredictions(ModelPaths paths, ulong seed, bool? jitter, Device device)
    {
        _seed = seed;
        _files = new ModelFiles(paths);
        _jitter = jitter;
        var options = new LoadOptions(new Placement(device, ScalarType.Float32));
        _eye = _files.VisionPart.Load(options);
        _model = _files.LanguageModelPart.Load(options);
    }

    /// <summary>What draws, and its categories.</summary>
    public static ImmutableArray<(string Suite, string Category)> Categories { get; } =
        [.. Generation.Categories.Select(category => ("generate", category)), .. Editing.Categories.Select(category => ("edit", category))];

    /// <summary>Measures a category on held-out cases.</summary>
    /// <param name="suite">Its suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="language">One language; both where null.</param>
    /// <param name="count">How many cases.</param>
    /// <param name="cancellationToken">Ends it within a batch.</param>
    public DrawingErrors Measure(string suite, string category, TextLanguage? language, int count, CancellationToken cancellationToken)
    {
        WorldTask task = suite == "edit" ? WorldTask.Edit : WorldTask.Generate;
        var mix = new WorldMix(_seed, task, WorldSplit.Test)
        {
            Categories = [category],
            Language = language,
            JitterShare = task == WorldTask.Generate ? 0 : _jitter switch { true => 1, false => 0, null => 0.5 },
        };
        TrainingSample[] samples = [.. Enumerable.Range(0, count).Select(i => WorldData.ToTraining(mix[i]))];
        DrawingErrors errors = DrawingErrors.Measure(_files, _eye, _model, samples, _files.Configuration.PlainAutoregression, cancellationToken);
        _rows.Add((suite, category, count, errors));
        return errors;
    }

    /// <summary>The table for a person.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{"predict",-12} {"category",-12} {"cases",6} {"mse",7} {"cosine",7}";
        foreach ((string suite, string category, int cases, DrawingErrors errors) in _rows)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{suite,-12} {category,-12} {cases,6} {errors.Free.Average(),7:0.0000} {errors.Cosine,7:0.0000}");
        }
    }

    /// <summary>The same for programs.</summary>
    public JsonArray ToJson() =>
    [
        .. _rows.Select(row => (JsonNode)new JsonObject
        {
            ["suite"] = row.Suite,
            ["category"] = row.Category,
            ["cases"] = row.Cases,
            ["mse"] = row.Errors.Free.Average(),
            ["cosine"] = row.Errors.Cosine,
        }),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        _eye.Dispose();
        _model.Dispose();
        _files.Dispose();
    }
}
