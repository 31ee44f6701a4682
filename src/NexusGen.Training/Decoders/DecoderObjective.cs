using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Gradients;
using NexusGen.Training.Loop;
using NexusGen.Training.Optimization;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// Phase 2: trains the transformer of a decoder, and its adapter or merger, to generate images from embeddings.
/// </summary>
internal sealed class DecoderObjective : ITrainingObjective<DecoderBatch>, IDisposable
{
    private const ulong NoisePurpose = 0x6e6f697365, DropPurpose = 0x64726f70;

    // The official size, for a configuration that names none.
    private const int FluxDefaultSide = 512;

    private readonly DiffusionDecoder _decoder;
    private readonly AutoencoderEncoder? _autoencoder;
    private readonly PromptEmbeddings _empty;
    private readonly GridSizes _grids;
    private readonly DecoderTrainingConfiguration _configuration;
    private readonly TimestepSampler _timesteps;
    private readonly ISampleData<DecoderSample> _data;
    private readonly ISampleData<DecoderSample>? _validation;

    /// <summary>Initializes the objective.</summary>
    /// <param name="decoder">The decoder. Takes ownership.</param>
    /// <param name="autoencoder">Encodes images into latents. Takes ownership. May be null if the data contains latents.</param>
    /// <param name="empty">The embeddings of the empty prompt by CLIP and T5. Takes ownership.</param>
    /// <param name="grids">The grids of generated and source embeddings.</param>
    /// <param name="configuration">The training configuration.</param>
    /// <param name="weights">The weight files of the trained modules.</param>
    /// <param name="data">The training data.</param>
    /// <param name="validation">The validation data, or null for no validation.</param>
    public DecoderObjective(
        DiffusionDecoder decoder,
        AutoencoderEncoder? autoencoder,
        PromptEmbeddings empty,
        GridSizes grids,
        DecoderTrainingConfiguration configuration,
        IReadOnlyList<SavedWeights> weights,
        ISampleData<DecoderSample> data,
        ISampleData<DecoderSample>? validation)
    {
        _decoder = decoder;
        _autoencoder = autoencoder;
        _empty = empty;
        _grids = grids;
        _configuration = configuration;
        _timesteps = new TimestepSampler(configuration);
        _data = data;
        _validation = validation;
        decoder.Transformer.BlockRunner = configuration.GradientCheckpointing ? GradientCheckpointing.Run : null;
        Weights = weights;
        Groups = ParameterGroup.DecayMatricesOnly(
            weights.SelectMany(file => file.Tensors).Select(tensor => tensor.Parameter), configuration.WeightDecay);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SavedWeights> Weights { get; }

    /// <inheritdoc/>
    public DecoderBatch Prepare(MicroBatch place, CancellationToken cancellation) => Read(_data, place.FirstSample, place.Count);

    /// <inheritdoc/>
    public TrainingLoss ComputeLoss(MicroBatch place, DecoderBatch batch, LossShares shares)
    {
        bool dropped = CounterRandom.Uniform(_configuration.Seed, DropPurpose, (ulong)place.FirstOfWhole)
            < _configuration.ConditionDropout;
        using Generator noise = place.NewGenerator(NoisePurpose);
        (int Timestep, float Weight)[] sampled = _configuration.TimestepPerSample
            ? [.. place.Samples.Select(sample => _timesteps.Sample((ulong)sample))]
            : [_timesteps.Sample((ulong)place.FirstOfWhole)];
        Tensor loss = Compute(
            batch, latents => NoiseOf(place, latents, noise), [.. sampled.Select(one => one.Timestep)],
            [.. sampled.Select(one => one.Weight)], dropped);
        return new TrainingLoss(loss.Weighted(shares.Samples));
    }

    /// <summary>
    /// Computes the loss on the validation data, at evenly spaced timesteps and with the same noise in each validation, and the
    /// squared error at pure noise (<c>first_step</c>), which decides what an image shows.
    /// </summary>
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double>? Validate(long step, CancellationToken cancellation)
    {
        if (_validation is null)
        {
            return null;
        }

        double total = 0, firstStep = 0;
        int batches = 0;
        for (int first = 0; first < _configuration.ValidationSamples; first += _configuration.BatchSize, batches++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using DecoderBatch batch = Read(_validation, first, _configuration.BatchSize);
            using var noise = new Generator(CounterRandom.Hash(NoisePurpose, (ulong)first));
            int[] timesteps = [.. Enumerable.Range(0, _configuration.BatchSize)
                .Select(i => (int)((((double)i + 0.5) * FlowMatchSchedule.TrainingSteps) / _configuration.BatchSize))];
            total += Compute(batch, Noise, timesteps, null, dropped: false).item<float>();
            firstStep += Compute(batch, Noise, [0], [1], dropped: false).item<float>();
            Tensor Noise(Tensor latents) => randn(latents.shape, ScalarType.Float32, generator: noise);
        }

        return new Dictionary<string, double> { ["loss"] = total / batches, ["first_step"] = firstStep / batches };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        _autoencoder?.Dispose();
        _empty.Dispose();
    }

    // The noise of the whole batch is drawn, and this rank's part of it is used.
    private static Tensor NoiseOf(MicroBatch place, Tensor latents, Generator generator)
    {
        using var scope = NewDisposeScope();
        Tensor whole = randn([place.WholeCount, .. latents.shape[1..]], ScalarType.Float32, generator: generator);
        return whole.narrow(0, place.FirstSample - place.FirstOfWhole, place.Count).MoveToOuterDisposeScope();
    }

    private Tensor Compute(
        DecoderBatch batch, Func<Tensor, Tensor> noiseOf, int[] timesteps, float[]? weights, bool dropped)
    {
        Placement placement = _decoder.Transformer.Placement;
        Tensor latents = batch.Latents ?? Encode(batch.Images!);
        Tensor noise = noiseOf(latents);
        DiffusionCondition condition = dropped
            ? _empty.ToCondition(placement)
            : _decoder.Condition(
                batch.Targets, _grids.Drawn, batch.Source, _grids.Source, _empty.Pooled, latents.shape[2], latents.shape[3]);
        return FlowMatchingLoss.Compute(_decoder.Transformer, condition, latents, noise, timesteps, weights, batch.Mask);
    }

    private Tensor Encode(Tensor pictures)
    {
        using IDisposable frozen = no_grad();
        AutoencoderEncoder autoencoder = _autoencoder
            ?? throw new TrainingException(
                "The data has images and no latents, but there is no autoencoder to encode them.");
        return autoencoder.Forward(pictures).to(ScalarType.Float32);
    }

    private DecoderBatch Read(ISampleData<DecoderSample> data, long first, int count)
    {
        using var scope = NewDisposeScope();
        DecoderSample[] samples = [.. Enumerable.Range(0, count).Select(i => data[first + i])];
        Tensor? Stack(Func<DecoderSample, Tensor?> part) =>
            samples.All(sample => part(sample) is not null)
                ? stack([.. samples.Select(sample => part(sample)!)]).DetachFromDisposeScope()
                : null;
        Tensor? latents = Stack(sample => sample.Latents);
        Tensor? pictures = latents is not null ? null : cat([.. samples.Select(Picture)], 0).DetachFromDisposeScope();
        bool isMasked = latents is not null && samples.Any(sample => sample.Mask is not null);
        var batch = new DecoderBatch(Stack(sample => sample.Target)!, Stack(sample => sample.Source), pictures, latents)
        {
            Mask = isMasked
                ? Stack(sample => sample.Mask ?? ones([1, latents!.shape[2], latents.shape[3]]))
                : null,
        };
        foreach (DecoderSample sample in samples)
        {
            sample.Dispose();
        }

        return batch;
    }

    private Tensor Picture(DecoderSample sample) => ImageTensor.FromImage(ImageFitting.CoverCrop(
        sample.Image ?? throw new TrainingException("A sample has neither an image nor latents."),
        _configuration.Width ?? FluxDefaultSide,
        _configuration.Height ?? FluxDefaultSide));
}
