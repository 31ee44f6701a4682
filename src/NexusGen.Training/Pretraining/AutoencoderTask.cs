using NexusGen.Diffusion.Autoencoder;
using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Data;
using NexusGen.Training.Gradients;
using NexusGen.Training.Loop;
using NexusGen.Training.Optimization;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// Trains an autoencoder to give pictures back: squared, absolute and gradient error of the pixels, latents near those of a
/// linear autoencoder (<see cref="LatentGuide"/>). The posterior's mean is decoded, nothing is sampled.
/// </summary>
public sealed class AutoencoderTask : ITrainingTask<Tensor>, IDisposable
{
    private readonly AutoencoderEncoder _encoder;
    private readonly AutoencoderDecoder _decoder;
    private readonly AutoencoderTrainingConfiguration _configuration;
    private readonly PictureSamples _data;
    private readonly PictureSamples? _validation;
    private readonly LatentGuide? _guide;

    /// <summary>A training of an autoencoder.</summary>
    /// <param name="encoder">Its first half; taken over.</param>
    /// <param name="decoder">Its second half; taken over.</param>
    /// <param name="configuration">How it is trained.</param>
    /// <param name="data">The pictures to train on; of a sample with several, one is taken.</param>
    /// <param name="validation">The pictures to validate on; nothing is validated where null.</param>
    public AutoencoderTask(
        AutoencoderEncoder encoder,
        AutoencoderDecoder decoder,
        AutoencoderTrainingConfiguration configuration,
        ISampleData<TrainingSample> data,
        ISampleData<TrainingSample>? validation)
    {
        _encoder = encoder;
        _decoder = decoder;
        _configuration = configuration;
        _data = new PictureSamples(data, configuration.Seed, configuration.Width, configuration.Height);
        _validation = validation is null ? null : new PictureSamples(validation, configuration.Seed, configuration.Width, configuration.Height);
        Groups = ParameterGroup.DecayMatricesOnly([.. encoder.Parameters, .. decoder.Parameters], configuration.WeightDecay);
        Weights = [SavedWeights.Of(WeightsName, encoder, prefix: "encoder.").With(decoder, prefix: "decoder.")];
        if (configuration.GuideWeight > 0)
        {
            using var scope = NewDisposeScope();
            _guide = new LatentGuide(Read(_data, 0, configuration.GuidePictures), decoder.Configuration);
        }
    }

    /// <summary>Where the weights lie in a model folder, without ending.</summary>
    public const string WeightsName = "FLUX/FLUX.1-dev/ae";

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SavedWeights> Weights { get; }

    /// <inheritdoc/>
    public Tensor Prepare(MicroBatch place, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        return Read(_data, place.FirstSample, place.Count).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public TrainingLoss ComputeLoss(MicroBatch place, Tensor batch)
    {
        Tensor moments = _encoder.Moments(batch).to(ScalarType.Float32);
        AutoencoderConfiguration sizes = _decoder.Configuration;
        Tensor latents = (moments.narrow(1, 0, sizes.ZChannels) - Scalars.Of(sizes.ShiftFactor)) * Scalars.Of(sizes.ScaleFactor);
        Tensor pictures = batch.to(latents.device);
        Tensor error = _decoder.Forward(latents).to(ScalarType.Float32) - pictures;
        Tensor mse = error.Squared().mean(), absolute = error.abs().mean();
        Tensor gradient = Steps(error, 2).abs().mean().Plus(Steps(error, 3).abs().mean());
        Tensor total = (mse * Scalars.Of(_configuration.MseWeight)).Plus(absolute * Scalars.Of(_configuration.AbsoluteWeight)).Plus(gradient * Scalars.Of(_configuration.GradientWeight));
        List<(string, Tensor)> parts = [("mse", mse), ("absolute", absolute), ("gradient", gradient)];
        if (_guide is not null)
        {
            Tensor guide = (latents - _guide.Latents(pictures)).Squared().mean();
            total = total.Plus(guide * Scalars.Of(_configuration.GuideWeight));
            parts.Add(("guide", guide));
        }

        if (_configuration.DivergenceWeight > 0)
        {
            Tensor mean = moments.narrow(1, 0, sizes.ZChannels), logVariance = moments.narrow(1, sizes.ZChannels, sizes.ZChannels);
            Tensor divergence = Scalars.Of(0.5) * (mean.Squared().Plus(logVariance.exp()) - Scalars.Of(1) - logVariance).mean();
            total = total.Plus(divergence * Scalars.Of(_configuration.DivergenceWeight));
            parts.Add(("divergence", divergence));
        }

        return new TrainingLoss(total) { Parts = parts };
    }

    /// <summary>The mean squared error of pictures that were not trained on, and their PSNR in decibels.</summary>
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double>? Validate(long step, CancellationToken cancellation)
    {
        if (_validation is null)
        {
            return null;
        }

        double sum = 0, psnr = 0;
        for (int i = 0; i < _configuration.ValidationSamples; i += _configuration.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Tensor pictures = Read(_validation, i, Math.Min(_configuration.BatchSize, _configuration.ValidationSamples - i));
            Tensor again = _decoder.Forward(_encoder.Forward(pictures)).to(ScalarType.Float32).clamp(Scalars.Of(-1), Scalars.Of(1));
            Tensor errors = (again - pictures.to(again.device)).Squared().mean([1, 2, 3]);
            sum += errors.sum().item<float>();
            psnr += (Scalars.Of(10) * (Scalars.Of(4) / errors.clamp_min(Scalars.Of(1e-10))).log10()).sum().item<float>();
        }

        return new Dictionary<string, double>
        {
            ["loss"] = sum / _configuration.ValidationSamples,
            ["psnr"] = psnr / _configuration.ValidationSamples,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _guide?.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
    }

    private static Tensor Steps(Tensor x, int axis) => x.narrow(axis, 1, x.shape[axis] - 1) - x.narrow(axis, 0, x.shape[axis] - 1);

    private static Tensor Read(PictureSamples data, long first, int count) =>
        cat([.. Enumerable.Range(0, count).Select(i => ImageTensor.FromImage(data[first + i].Picture))], 0);
}
