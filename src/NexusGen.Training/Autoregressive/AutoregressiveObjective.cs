using NexusGen.Autoregressive;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Data;
using NexusGen.Training.Gradients;
using NexusGen.Training.Loop;
using NexusGen.Training.Optimization;
using NexusGen.Training.Pretraining;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>Phase 1: trains the language model on conversations with images.</summary>
internal sealed class AutoregressiveObjective : ITrainingObjective<AutoregressiveBatch>, IDisposable
{
    private readonly ModelFiles _files;
    private readonly LanguageModel _model;
    private readonly VisionEncoder _visionEncoder;
    private readonly VisionAnchor? _anchor;
    private readonly VisionHead? _reader;
    private readonly AutoregressiveTrainingConfiguration _configuration;
    private readonly ISampleData<TrainingSample> _data;
    private readonly ISampleData<TrainingSample>? _validation;
    private readonly SampleEncoder _encoder;
    private readonly int _padding;

    /// <summary>Initializes the objective.</summary>
    /// <param name="files">The configuration and tokenizer of the model. The caller owns them.</param>
    /// <param name="model">The language model. Takes ownership.</param>
    /// <param name="visionEncoder">The vision encoder. Takes ownership.</param>
    /// <param name="configuration">The training configuration.</param>
    /// <param name="data">The conversations to train on.</param>
    /// <param name="validation">The conversations to validate on, or null for no validation.</param>
    /// <param name="anchor">
    /// The loss that keeps pixel information in the embeddings of a trained vision encoder, or null for none. Takes ownership.
    /// </param>
    /// <param name="reader">The head that predicts the labels of generated embeddings, or null for none. Takes ownership.</param>
    /// <param name="weights">The weight file of what is trained, or null for that of the language model.</param>
    public AutoregressiveObjective(
        ModelFiles files,
        LanguageModel model,
        VisionEncoder visionEncoder,
        AutoregressiveTrainingConfiguration configuration,
        ISampleData<TrainingSample> data,
        ISampleData<TrainingSample>? validation,
        VisionAnchor? anchor = null,
        VisionHead? reader = null,
        SavedWeights? weights = null)
    {
        _files = files;
        _model = model;
        _visionEncoder = visionEncoder;
        _anchor = anchor;
        _reader = reader;
        _configuration = configuration;
        _data = data;
        _validation = validation;
        _encoder = new SampleEncoder(files, configuration.MaxLength);
        model.BlockRunner = configuration.GradientCheckpointing ? GradientCheckpointing.Run : null;
        _padding = files.Tokenizer.TokenId(SpecialTokens.EndOfText);
        IEnumerable<ParameterGroup> groups = ParameterGroup.DecayMatricesOnly(
            weights?.Tensors.Select(tensor => tensor.Parameter) ?? model.Parameters, configuration.WeightDecay);
        if (configuration.TrainVision)
        {
            groups = groups.Concat(ParameterGroup.DecayMatricesOnly(visionEncoder.Parameters, configuration.WeightDecay)
                .Select(group => group with { LearningRateScale = configuration.VisionLearningRateScale }));
        }

        Weights = [weights ?? LanguageModelWeights.Of(model, visionEncoder)];
        if (anchor is not null)
        {
            groups = groups.Concat(
                ParameterGroup.DecayMatricesOnly(anchor.Head.Parameters.Where(IsUsed), configuration.WeightDecay));
            Weights = [.. Weights, SavedWeights.Of(VisionAnchor.HeadName, anchor.Head)];
        }

        Groups = [.. groups];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SavedWeights> Weights { get; }

    /// <inheritdoc/>
    public AutoregressiveBatch Prepare(MicroBatch place, CancellationToken cancellation) =>
        Read(_data, place.FirstSample, place.Count);

    /// <inheritdoc/>
    public LossCounts Count(MicroBatch place, AutoregressiveBatch batch)
    {
        (long tokens, long embeddings) = batch.CountPredicted(_files.LanguageModel.ImageTokenId);
        return new LossCounts(place.Count, tokens, embeddings, batch.PixelValues?.shape[0] ?? 0);
    }

    /// <inheritdoc/>
    public TrainingLoss ComputeLoss(MicroBatch place, AutoregressiveBatch batch, LossShares shares)
    {
        Tensor? pictures = See(batch);
        (Tensor total, List<LossPart> parts, _) = Compute(batch, pictures, shares);
        if (_anchor is null)
        {
            return new TrainingLoss(total) { Parts = parts };
        }

        // Reported for batches without pictures too, because the parts of all batches and ranks are added by name.
        Tensor pieces = pictures is null ? zeros_like(total) : _anchor.Error(batch.PixelValues!, pictures);
        parts.Add(new LossPart("pieces", pieces, LossUnit.Patch));
        return new TrainingLoss(total.Plus(pieces * Scalars.Of(_configuration.VisionPieceWeight * shares.Patches)))
        {
            Parts = parts,
        };
    }

    /// <summary>
    /// Computes the loss and its parts on the validation data and, if labels are predicted, the fraction of correct ones.
    /// </summary>
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double>? Validate(long step, CancellationToken cancellation)
    {
        if (_validation is null)
        {
            return null;
        }

        Dictionary<string, double> sums = [];
        int batches = 0;
        for (int i = 0; i < _configuration.ValidationSamples; i += _configuration.BatchSize, batches++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using AutoregressiveBatch batch = Read(_validation, i, _configuration.BatchSize);
            (Tensor total, List<LossPart> parts, Tensor? right) = Compute(batch, See(batch), LossShares.Whole);
            foreach ((string name, Tensor value, _) in
                parts.Prepend(new LossPart("loss", total)).Concat(right is null ? [] : [new LossPart("labels_right", right)]))
            {
                sums[name] = sums.GetValueOrDefault(name) + value.item<float>();
            }
        }

        return sums.ToDictionary(sum => sum.Key, sum => sum.Value / batches);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _visionEncoder.Dispose();
        _anchor?.Dispose();
        _reader?.Dispose();
    }

    // The head's outputs for positions and labels are trained only in the vision encoder's own training.
    private static bool IsUsed(Weights.Modules.Parameter parameter) =>
        !parameter.Name.Contains(".places.", StringComparison.Ordinal)
        && !parameter.Name.Contains(".labels.", StringComparison.Ordinal);

    private (Tensor Total, List<LossPart> Parts, Tensor? Right) Compute(
        AutoregressiveBatch batch, Tensor? pictures, LossShares shares)
    {
        Tensor? seen = pictures is null ? null : batch.ImagesOf(pictures);
        Tensor inputs = AutoregressiveLoss.Inputs(_model, batch, seen, _configuration.Plain);
        Tensor? targets = AutoregressiveLoss.Targets(_model, batch, seen);
        var loss = AutoregressiveLoss.Compute(
            _model, batch, inputs, targets, _configuration.TokenLossWeight * shares.Tokens,
            _configuration.ImageLossWeight * shares.Embeddings);
        List<LossPart> parts =
        [
            new("token", loss.Token, LossUnit.Token),
            new("mse", loss.Mse, LossUnit.Embedding),
            new("cosine", loss.Cosine, LossUnit.Embedding),
        ];
        if (_reader is null)
        {
            return (loss.Total, parts, null);
        }

        (Tensor labels, Tensor right) = loss.Predicted is { } drawn
            ? _reader.CompareLabels(drawn.to(targets!.dtype), targets)
            : (zeros_like(loss.Total), ones_like(loss.Total));
        parts.Add(new LossPart("labels", labels, LossUnit.Embedding));
        return (loss.Total.Plus(labels * Scalars.Of(_configuration.ImageLabelWeight * shares.Embeddings)), parts, right);
    }

    private Tensor? See(AutoregressiveBatch batch)
    {
        if (batch.PixelValues is null)
        {
            return null;
        }

        using IDisposable? frozen = _configuration.TrainVision ? null : no_grad();
        return _visionEncoder.Forward(batch.PixelValues, batch.Grids);
    }

    private AutoregressiveBatch Read(ISampleData<TrainingSample> data, long first, int count) => AutoregressiveBatch.Of(
        [.. Enumerable.Range(0, count).Select(i => _encoder.Encode(data[first + i]))],
        _padding,
        _files.LanguageModel,
        _configuration.PackedLength);
}
