using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Autoregressive;
using NexusGen.Cli.Training;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Data;
using NexusGen.Weights.Modules;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;
using static TorchSharp.torch;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// Measures how close a model's predicted embeddings are to the true ones, before any decoder. The errors show whether the
/// language model or the decoder causes a wrong image.
/// </summary>
internal sealed class WorldPredictions : IDisposable
{
    private readonly ModelFiles _files;
    private readonly VisionEncoder _visionEncoder;
    private readonly LanguageModel _model;
    private readonly ulong _seed;
    private readonly bool? _jitter;
    private readonly List<(string Suite, string Category, int Cases, PredictionErrors Errors)> _rows = [];

    /// <summary>Loads the language model and the vision encoder in float32.</summary>
    /// <param name="paths">The model.</param>
    /// <param name="seed">The seed of the cases.</param>
    /// <param name="jitter">Whether objects in images to edit are off the middle of their cells, or null for half.</param>
    /// <param name="device">The device that computes.</param>
    public WorldPredictions(ModelPaths paths, ulong seed, bool? jitter, Device device)
    {
        _seed = seed;
        _files = new ModelFiles(paths);
        _jitter = jitter;
        var options = new LoadOptions(new Placement(device, ScalarType.Float32));
        _visionEncoder = _files.VisionPart.Load(options);
        _model = _files.LanguageModelPart.Load(options);
    }

    /// <summary>The categories whose cases generate images, each with its suite.</summary>
    public static ImmutableArray<(string Suite, string Category)> Categories { get; } =
        [
            .. Generation.Categories.Select(category => ("generate", category)),
            .. Editing.Categories.Select(category => ("edit", category))
        ];

    /// <summary>Measures a category on held-out cases.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="language">The language of all cases, or null for both.</param>
    /// <param name="count">The number of cases.</param>
    /// <param name="cancellationToken">Cancels the measurement between two batches.</param>
    public PredictionErrors Measure(
        string suite, string category, TextLanguage? language, int count, CancellationToken cancellationToken)
    {
        WorldTask task = suite == "edit" ? WorldTask.Edit : WorldTask.Generate;
        var mix = new WorldMix(_seed, task, WorldSplit.Test)
        {
            Categories = [category],
            Language = language,
            JitterShare = task == WorldTask.Generate ? 0 : _jitter switch { true => 1, false => 0, null => 0.5 },
        };
        TrainingSample[] samples = [.. Enumerable.Range(0, count).Select(i => WorldData.ToTraining(mix[i]))];
        PredictionErrors errors = PredictionErrors.Measure(
            _files, _visionEncoder, _model, samples, _files.Configuration.PlainAutoregression, cancellationToken);
        _rows.Add((suite, category, count, errors));
        return errors;
    }

    /// <summary>Returns the lines of the table.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{"predict",-12} {"category",-12} {"cases",6} {"mse",7} {"cosine",7}";
        foreach ((string suite, string category, int cases, PredictionErrors errors) in _rows)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{suite,-12} {category,-12} {cases,6} {errors.Free.Average(),7:0.0000} {errors.Cosine,7:0.0000}");
        }
    }

    /// <summary>Returns the table as JSON.</summary>
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
        _visionEncoder.Dispose();
        _model.Dispose();
        _files.Dispose();
    }
}
