using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Gradients;
using NexusGen.Training.Loop;
using NexusGen.Training.Optimization;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// Trains a vision encoder from random weights. Each embedding learns to contain what its piece of the image looks like, its
/// position and, if the data is labelled, the labels of its contents (<see cref="VisionHead"/>). The official model uses
/// Qwen2.5-VL's pretrained encoder.
/// </summary>
internal sealed class VisionObjective : ITrainingObjective<VisionBatch>, IDisposable
{
    private readonly VisionEncoder _encoder;
    private readonly VisionHead _head;
    private readonly ImageProcessor _processor;
    private readonly VisionTrainingConfiguration _configuration;
    private readonly ImageSamples _data;
    private readonly ImageSamples? _validation;
    private readonly (string Name, int Classes)[] _labels;
    private readonly int _side;

    /// <summary>Initializes the objective.</summary>
    /// <param name="encoder">The vision encoder. Takes ownership.</param>
    /// <param name="processor">Splits images into patches.</param>
    /// <param name="configuration">The training configuration.</param>
    /// <param name="headWeights">The source of the head's weights.</param>
    /// <param name="data">The images to train on.</param>
    /// <param name="validation">The images to validate on, or null for no validation.</param>
    /// <exception cref="TrainingException">
    /// Width or height of the images is not a multiple of the side that an embedding covers, the piece side does not divide that
    /// side, or the data can't be read.
    /// </exception>
    public VisionObjective(
        VisionEncoder encoder,
        ImageProcessor processor,
        VisionTrainingConfiguration configuration,
        WeightSource headWeights,
        ISampleData<TrainingSample> data,
        ISampleData<TrainingSample>? validation)
    {
        VisionConfiguration sizes = encoder.Configuration;
        _encoder = encoder;
        _processor = processor;
        _configuration = configuration;
        _side = sizes.EmbeddingSide;
        if (configuration.Width % _side != 0 || configuration.Height % _side != 0 || _side % configuration.PieceSide != 0)
        {
            throw new TrainingException(
                $"width {configuration.Width} and height {configuration.Height} must be multiples of {_side}, and piece_side "
                + $"{configuration.PieceSide} must divide it.");
        }

        int places = configuration.Width / _side * (configuration.Height / _side);
        _data = new ImageSamples(data, configuration.Seed, configuration.Width, configuration.Height);
        _labels = [.. _data[0].Labels.Select(map => (map.Name, map.Classes))];
        _head = new VisionHead(
            headWeights,
            sizes.OutHiddenSize,
            configuration.HeadWidth,
            3L * configuration.PieceSide * configuration.PieceSide,
            places,
            _labels);
        _validation = validation is null
            ? null
            : new ImageSamples(validation, configuration.Seed, configuration.Width, configuration.Height);
        Groups = ParameterGroup.DecayMatricesOnly(
            [.. configuration.TrainEncoder ? encoder.Parameters : [], .. _head.Parameters], configuration.WeightDecay);
        SavedWeights head = SavedWeights.Of(VisionAnchor.HeadName, _head);
        Weights = configuration.TrainEncoder
            ? [SavedWeights.Of(LanguageModelWeights.Name, encoder, prefix: LanguageModelNames.Vision), head]
            : [head];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SavedWeights> Weights { get; }

    /// <inheritdoc/>
    public VisionBatch Prepare(MicroBatch place, CancellationToken cancellation) => Read(_data, place.FirstSample, place.Count);

    /// <inheritdoc/>
    public TrainingLoss ComputeLoss(MicroBatch place, VisionBatch batch, LossShares shares)
    {
        (Tensor total, (string Name, Tensor Value)[] parts, _) = Compute(batch);
        return new TrainingLoss(total.Weighted(shares.Samples))
        {
            Parts = [.. parts.Select(part => new LossPart(part.Name, part.Value))],
        };
    }

    /// <summary>
    /// Computes the loss on the validation data, the PSNR of the pieces in decibels, and the fraction of correct labels.
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
            using VisionBatch batch = Read(_validation, i, _configuration.BatchSize);
            (Tensor total, (string Name, Tensor Value)[] parts, Tensor[] right) = Compute(batch);
            foreach ((string name, Tensor value) in parts.Append(("loss", total))
                .Concat(right.Select((share, kind) => (_labels[kind].Name, share))))
            {
                sums[name] = sums.GetValueOrDefault(name) + value.item<float>();
            }
        }

        Dictionary<string, double> means = sums.ToDictionary(sum => sum.Key, sum => sum.Value / batches);
        means["psnr"] = 10 * Math.Log10(4 / means["pieces"]);
        return means;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _head.Dispose();
    }

    // Returns the total loss, its parts, and the fraction of correct labels of each kind.
    private (Tensor Total, (string, Tensor)[] Parts, Tensor[] Right) Compute(VisionBatch batch)
    {
        Tensor embeddings = Embed(batch);
        (Tensor pieces, Tensor places) = _head.Forward(embeddings);
        Device device = embeddings.device;
        Tensor labels = batch.Labels.to(device);
        Tensor error = nn.functional.mse_loss(pieces.to(ScalarType.Float32), batch.Pieces.to(device));
        Tensor lost = nn.functional.cross_entropy(places.to(ScalarType.Float32), batch.Places.to(device));
        Tensor total = (error * Scalars.Of(_configuration.PieceWeight)).Plus(lost * Scalars.Of(_configuration.PlaceWeight));
        if (_head.Kinds == 0)
        {
            return (total, [("pieces", error), ("places", lost)], []);
        }

        Tensor[] scores =
            [.. Enumerable.Range(0, _head.Kinds).Select(kind => _head.Labels(kind, embeddings).to(ScalarType.Float32))];
        Tensor unread = stack(scores.Select((score, kind) => nn.functional.cross_entropy(score, labels[kind]))).mean();
        Tensor[] right =
            [.. scores.Select((score, kind) => score.argmax(1).eq(labels[kind]).to(ScalarType.Float32).mean())];
        return (
            total.Plus(unread * Scalars.Of(_configuration.LabelWeight)),
            [("pieces", error), ("places", lost), ("labels", unread)],
            right);
    }

    private Tensor Embed(VisionBatch batch)
    {
        if (_configuration.TrainEncoder)
        {
            return _encoder.Forward(batch.Pixels, batch.Grids);
        }

        using var _ = no_grad();
        return _encoder.Forward(batch.Pixels, batch.Grids);
    }

    private VisionBatch Read(ImageSamples data, long first, int count)
    {
        using var scope = NewDisposeScope();
        LabelledImage[] pictures = [.. Enumerable.Range(0, count).Select(i => data[first + i])];
        ProcessedImages processed = _processor.Process([.. pictures.Select(picture => picture.Image)], resize: false);
        Tensor pixels = cat([.. pictures.Select(picture => ImageTensor.FromImage(picture.Image))], 0);
        int reduction = _side / _configuration.PieceSide, side = _configuration.PieceSide;
        Tensor small = reduction == 1 ? pixels : nn.functional.avg_pool2d(pixels, reduction, reduction);
        Tensor pieces = nn.functional.unfold(small, side, 1, 0, side).transpose(1, 2).flatten(0, 1).contiguous();
        Tensor places = Arithmetic.Range(pieces.shape[0] / count).repeat(count);
        Tensor labels = tensor(
            Enumerable.Range(0, _labels.Length)
                .SelectMany(kind => pictures.SelectMany(picture => Classes(picture, kind)))
                .ToArray(),
            ScalarType.Int64);
        return new VisionBatch(
            processed.PixelValues.DetachFromDisposeScope(),
            processed.Grids,
            pieces.DetachFromDisposeScope(),
            places.DetachFromDisposeScope(),
            labels.reshape(_labels.Length, pieces.shape[0]).DetachFromDisposeScope());
    }

    private IEnumerable<long> Classes(LabelledImage picture, int kind)
    {
        int columns = _configuration.Width / _side, rows = _configuration.Height / _side;
        LabelMap? map = picture.Labels.ElementAtOrDefault(kind);
        bool fits = map is not null && map.Name == _labels[kind].Name && map.Classes == _labels[kind].Classes
            && map.Columns == columns && map.Rows == rows;
        return fits && map!.Values.Length == rows * columns && map.Values.All(value => value < map.Classes)
            ? map.Values.Select(value => (long)value)
            : throw new TrainingException(
                $"The data must label all images in the same way, with \"{_labels[kind].Name}\" in a grid of {columns}x{rows}, "
                + $"one for each {_side}x{_side} pixels.");
    }
}
