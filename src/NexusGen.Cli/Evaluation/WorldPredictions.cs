using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Autoregressive;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Data;
using NexusGen.Weights.Modules;
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
    private readonly WorldEvaluation _evaluation;
    private readonly List<(string Suite, string Category, int Cases, PredictionErrors Errors)> _rows = [];

    /// <summary>Loads the language model and the vision encoder in float32.</summary>
    /// <param name="paths">The model.</param>
    /// <param name="evaluation">Creates the cases.</param>
    /// <param name="device">The device that computes.</param>
    /// <param name="map">Whether weights may be mapped into memory.</param>
    public WorldPredictions(ModelPaths paths, WorldEvaluation evaluation, Device device, bool map)
    {
        _files = new ModelFiles(paths, map);
        _evaluation = evaluation;
        var options = new LoadOptions(new Placement(device, ScalarType.Float32));
        _visionEncoder = _files.VisionPart.Load(options);
        _model = _files.LanguageModelPart.Load(options);
    }

    /// <summary>Measures a category on held-out cases.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="count">The number of cases.</param>
    /// <param name="cancellationToken">Cancels the measurement between two batches.</param>
    public PredictionErrors Measure(string suite, string category, int count, CancellationToken cancellationToken)
    {
        TrainingSample[] samples =
            [.. Enumerable.Range(0, count).Select(number => _evaluation.PredictedSample(suite, category, number))];
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
