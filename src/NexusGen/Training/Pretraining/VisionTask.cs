using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Training;

/// <summary>
/// Trains a vision encoder from nothing to put into each embedding what its piece of the picture looks like and where it lies
/// (<see cref="VisionHead"/>). Officially the encoder comes with Qwen2.5-VL, trained.
/// </summary>
public sealed class VisionTask : ITrainingTask<VisionBatch>, IDisposable
{
    private readonly VisionEncoder _encoder;
    private readonly VisionHead _head;
    private readonly ImageProcessor _processor;
    private readonly VisionTrainingConfiguration _configuration;
    private readonly PictureSamples _data;
    private readonly PictureSamples? _validation;
    private readonly int _side;

    /// <summary>A training of a vision encoder.</summary>
    /// <param name="encoder">The encoder; taken over.</param>
    /// <param name="processor">Cuts pictures into patches.</param>
    /// <param name="configuration">How it is trained.</param>
    /// <param name="headWeights">Where the head's weights come from.</param>
    /// <param name="data">The pictures to train on.</param>
    /// <param name="validation">The pictures to validate on; nothing is validated where null.</param>
    /// <exception cref="TrainingException">The pictures' sides are no multiples of an embedding's, or a piece does not divide it.</exception>
    public VisionTask(
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
        _side = sizes.PatchSize * sizes.SpatialMergeSize;
        if (configuration.Width % _side != 0 || configuration.Height % _side != 0 || _side % configuration.PieceSide != 0)
        {
            throw new TrainingException(
                $"width {configuration.Width} and height {configuration.Height} must be multiples of {_side}, and piece_side {configuration.PieceSide} must divide it.");
        }

        int places = configuration.Width / _side * (configuration.Height / _side);
        _head = new VisionHead(headWeights, sizes.OutHiddenSize, configuration.HeadWidth, 3L * configuration.PieceSide * configuration.PieceSide, places);
        _data = new PictureSamples(data, configuration.Seed, configuration.Width, configuration.Height);
        _validation = validation is null ? null : new PictureSamples(validation, configuration.Seed, configuration.Width, configuration.Height);
        Groups = ParameterGroup.DecayMatricesOnly([.. encoder.Parameters, .. _head.Parameters], configuration.WeightDecay);
        Weights = [SavedWeights.Of(LanguageModelWeights.Name, encoder, prefix: "visual."), SavedWeights.Of(VisionAnchor.HeadName, _head)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SavedWeights> Weights { get; }

    /// <inheritdoc/>
    public VisionBatch Prepare(MicroBatch place, CancellationToken cancellation) => Read(_data, place.FirstSample, place.Count);

    /// <inheritdoc/>
    public TrainingLoss ComputeLoss(MicroBatch place, VisionBatch batch)
    {
        (Tensor pieces, Tensor places) = _head.Forward(_encoder.Forward(batch.Pixels, batch.Grids));
        Tensor error = nn.functional.mse_loss(pieces.to(ScalarType.Float32), batch.Pieces);
        Tensor lost = nn.functional.cross_entropy(places.to(ScalarType.Float32), batch.Places);
        Tensor total = (error * _configuration.PieceWeight) + (lost * _configuration.PlaceWeight);
        return new TrainingLoss(total) { Parts = [("pieces", error), ("places", lost)] };
    }

    /// <summary>The loss on pictures that were not trained on, and the pieces' PSNR in decibels.</summary>
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double>? Validate(long step, CancellationToken cancellation)
    {
        if (_validation is null)
        {
            return null;
        }

        double pieces = 0, places = 0;
        int batches = 0;
        for (int i = 0; i < _configuration.ValidationSamples; i += _configuration.BatchSize, batches++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using VisionBatch batch = Read(_validation, i, _configuration.BatchSize);
            TrainingLoss loss = ComputeLoss(default, batch);
            pieces += loss.Parts[0].Value.item<float>();
            places += loss.Parts[1].Value.item<float>();
        }

        return new Dictionary<string, double>
        {
            ["loss"] = ((pieces * _configuration.PieceWeight) + (places * _configuration.PlaceWeight)) / batches,
            ["psnr"] = 10 * Math.Log10(4 * batches / pieces),
            ["places"] = places / batches,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _head.Dispose();
    }

    private VisionBatch Read(PictureSamples data, long first, int count)
    {
        using var scope = NewDisposeScope();
        RgbImage[] pictures = [.. Enumerable.Range(0, count).Select(i => data[first + i])];
        ProcessedImages processed = _processor.Process(pictures, resize: false);
        Tensor pixels = cat([.. pictures.Select(ImageTensor.FromImage)], 0);
        int reduction = _side / _configuration.PieceSide, side = _configuration.PieceSide;
        Tensor small = reduction == 1 ? pixels : nn.functional.avg_pool2d(pixels, reduction, reduction);
        Tensor pieces = nn.functional.unfold(small, side, 1, 0, side).transpose(1, 2).flatten(0, 1).contiguous();
        Tensor places = arange(pieces.shape[0] / count, ScalarType.Int64).repeat(count);
        return new VisionBatch(
            processed.PixelValues.DetachFromDisposeScope(), processed.Grids, pieces.DetachFromDisposeScope(), places.DetachFromDisposeScope());
    }
}
