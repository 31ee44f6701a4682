using NexusGen.Diffusion.Autoencoder;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// A linear autoencoder: the principal components of a picture's blocks, as many as latents have channels, each with
/// deviation 1. A network that begins with these as its latents' targets learns in minutes what takes hours without.
/// </summary>
public sealed class LatentGuide : IDisposable
{
    private readonly int _block;
    private readonly Tensor _mean;
    private readonly Tensor _components;

    /// <summary>Computes the components.</summary>
    /// <param name="pictures">[pictures, 3, height, width], −1 to 1.</param>
    /// <param name="configuration">The autoencoder's sizes: how large a block is, and how many components there are.</param>
    public LatentGuide(Tensor pictures, AutoencoderConfiguration configuration)
    {
        using var scope = NewDisposeScope();
        _block = configuration.Downscale;
        Tensor blocks = nn.functional.unfold(pictures.to(ScalarType.Float64), _block, 1, 0, _block).transpose(1, 2).flatten(0, 1);
        Tensor mean = blocks.mean([0], keepdim: true);
        Tensor centered = blocks - mean;
        (Tensor values, Tensor vectors) = linalg.eigh(centered.t().matmul(centered) / Scalars.Of(blocks.shape[0]));

        // The largest come last. A sign is a matter of taste, but it must be the same everywhere.
        Tensor order = arange(Scalars.Of(values.shape[0] - 1), Scalars.Of(values.shape[0] - 1 - configuration.ZChannels), Scalars.Of(-1));
        Tensor chosen = vectors.index_select(1, order);
        Tensor sign = chosen.gather(0, chosen.abs().argmax(0, keepdim: true)).sign();
        _components = (chosen * sign / values.index_select(0, order).clamp_min(Scalars.Of(1e-12)).sqrt()).to(ScalarType.Float32).DetachFromDisposeScope();
        _mean = mean.to(ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>The latents that the components give.</summary>
    /// <param name="pictures">[batch, 3, height, width], float32, −1 to 1.</param>
    /// <returns>[batch, channels, height / block, width / block], float32.</returns>
    public Tensor Latents(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        Tensor blocks = nn.functional.unfold(pictures, _block, 1, 0, _block).transpose(1, 2);
        Tensor latents = (blocks - _mean.to(pictures.device)).matmul(_components.to(pictures.device)).transpose(1, 2);
        return latents.reshape(pictures.shape[0], -1, pictures.shape[2] / _block, pictures.shape[3] / _block).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _components.Dispose();
    }
}
