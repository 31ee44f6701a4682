using NexusGen.Diffusion.Autoencoder;
using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Gradients;
using NexusGen.Training.Loop;
using NexusGen.Training.Optimization;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// Trains an autoencoder to reconstruct images: squared, absolute and gradient error of the pixels, with latents that are close
/// to those of a linear autoencoder (<see cref="LatentGuide"/>). The mean of the posterior is decoded; nothing is sampled.
/// </summary>
internal sealed class AutoencoderObjective : ITrainingObjective<Tensor>, IDisposable
{
    private const ulong CropPurpose = 0x63726F70;

    private readonly AutoencoderEncoder _encoder;
    private readonly AutoencoderDecoder _decoder;
    private readonly AutoencoderTrainingConfiguration _configuration;
    private readonly ImageSamples _data;
    private readonly ImageSamples? _validation;
    private readonly LatentGuide? _guide;

    /// <summary>Initializes the objective.</summary>
    /// <param name="encoder">The encoder. Takes ownership.</param>
    /// <param name="decoder">The decoder. Takes ownership.</param>
    /// <param name="configuration">The training configuration.</param>
    /// <param name="data">The images to train on. From a sample with several images, one is taken.</param>
    /// <param name="validation">The images to validate on, or null for no validation.</param>
    public AutoencoderObjective(
        AutoencoderEncoder encoder,
        AutoencoderDecoder decoder,
        AutoencoderTrainingConfiguration configuration,
        ISampleData<TrainingSample> data,
        ISampleData<TrainingSample>? validation)
    {
        _encoder = encoder;
        _decoder = decoder;
        _configuration = configuration;
        _data = new ImageSamples(data, configuration.Seed, configuration.Width, configuration.Height);
        _validation = validation is null
            ? null
            : new ImageSamples(validation, configuration.Seed, configuration.Width, configuration.Height);
        Groups = ParameterGroup.DecayMatricesOnly([.. encoder.Parameters, .. decoder.Parameters], configuration.WeightDecay);
        Weights =
        [
            SavedWeights.Of(WeightsName, encoder, prefix: AutoencoderNames.Encoder)
                .With(decoder, prefix: AutoencoderNames.Decoder),
        ];
        if (configuration.GuideWeight > 0)
        {
            using var scope = NewDisposeScope();
            _guide = new LatentGuide(Wanted(Read(_data, 0, configuration.GuidePictures)), decoder.Configuration);
        }
    }

    /// <summary>The weight file in a model folder, without extension.</summary>
    public const string WeightsName = "FLUX/FLUX.1-dev/ae";

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SavedWeights> Weights { get; }

    /// <inheritdoc/>
    public Tensor Prepare(MicroBatch place, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        return Read(_data, place.FirstSample, place.Count, cropped: _configuration.Crop > 0).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public TrainingLoss ComputeLoss(MicroBatch place, Tensor batch, LossShares shares)
    {
        Tensor moments = _encoder.Moments(batch).to(ScalarType.Float32);
        AutoencoderConfiguration sizes = _decoder.Configuration;
        Tensor latents = (moments.narrow(1, 0, sizes.ZChannels) - Scalars.Of(sizes.ShiftFactor)) * Scalars.Of(sizes.ScaleFactor);
        Tensor pictures = Wanted(batch.to(latents.device));
        Tensor error = _decoder.Forward(latents).to(ScalarType.Float32) - pictures;
        Tensor mse = error.Squared().mean(), absolute = error.abs().mean();
        Tensor gradient = Steps(error, 2).abs().mean().Plus(Steps(error, 3).abs().mean());
        Tensor total = (mse * Scalars.Of(_configuration.MseWeight))
            .Plus(absolute * Scalars.Of(_configuration.AbsoluteWeight))
            .Plus(gradient * Scalars.Of(_configuration.GradientWeight));
        List<LossPart> parts = [new("mse", mse), new("absolute", absolute), new("gradient", gradient)];
        if (_guide is not null)
        {
            Tensor guide = (latents - _guide.Latents(pictures)).Squared().mean();
            total = total.Plus(guide * Scalars.Of(_configuration.GuideWeight));
            parts.Add(new LossPart("guide", guide));
        }

        if (_configuration.DivergenceWeight > 0)
        {
            Tensor mean = moments.narrow(1, 0, sizes.ZChannels),
                logVariance = moments.narrow(1, sizes.ZChannels, sizes.ZChannels);
            Tensor divergence = Scalars.Of(0.5) * (mean.Squared().Plus(logVariance.exp()) - Scalars.Of(1) - logVariance).mean();
            total = total.Plus(divergence * Scalars.Of(_configuration.DivergenceWeight));
            parts.Add(new LossPart("divergence", divergence));
        }

        return new TrainingLoss(total.Weighted(shares.Samples)) { Parts = parts };
    }

    /// <summary>Computes the mean squared error of the validation images and their PSNR in decibels.</summary>
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
            Tensor again = _decoder.Forward(_encoder.Forward(pictures)).to(ScalarType.Float32)
                .clamp(Scalars.Of(-1), Scalars.Of(1));
            Tensor errors = (again - Wanted(pictures.to(again.device))).Squared().mean([1, 2, 3]);
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

    private Tensor Wanted(Tensor pictures) => Softening.Apply(pictures, _configuration.Soften);

    private static Tensor Steps(Tensor x, int axis) =>
        x.narrow(axis, 1, x.shape[axis] - 1) - x.narrow(axis, 0, x.shape[axis] - 1);

    private Tensor Read(ImageSamples data, long first, int count, bool cropped = false)
    {
        IEnumerable<Tensor> images = Enumerable.Range(0, count).Select(i => first + i)
            .Select(sample => ImageTensor.FromImage(cropped ? Crop(data[sample].Image, sample) : data[sample].Image));
        return cat([.. images], 0);
    }

    // Where a sample is cropped depends on the seed and its number alone.
    private RgbImage Crop(RgbImage image, long sample)
    {
        int side = _configuration.Crop;
        return image.Crop(Start(image.Width, 0), Start(image.Height, 1), side, side);

        int Start(int length, ulong axis) =>
            (int)CounterRandom.Below(length - side + 1, _configuration.Seed, CropPurpose, (2 * (ulong)sample) + axis);
    }
}
