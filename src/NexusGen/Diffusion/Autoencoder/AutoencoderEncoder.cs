using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>
/// The encoder of the FLUX autoencoder: encodes images to latents. Tensor names as in <c>ae.safetensors</c> under
/// <c>encoder.</c>.
/// </summary>
internal sealed class AutoencoderEncoder : Module
{
    private readonly AutoencoderConfiguration _configuration;
    private readonly Conv2d _convIn;
    private readonly List<Level> _levels = [];
    private readonly AutoencoderMiddle _middle;
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    /// <summary>Loads the encoder.</summary>
    /// <param name="source">The source of its weights, <c>encoder</c> in the file.</param>
    /// <param name="configuration">The sizes.</param>
    /// <exception cref="NexusGenException">The sizes are invalid, or a tensor is missing or has another shape.</exception>
    public AutoencoderEncoder(WeightSource source, AutoencoderConfiguration configuration)
        : base(source)
    {
        AutoencoderConfiguration c = _configuration = configuration.Checked();
        Placement = source.Options.Placement;
        _convIn = Own(new Conv2d(source["conv_in"], c.InChannels, c.Ch, 3, padding: 1));
        int channels = c.Ch;
        for (int i = 0; i < c.ChMult.Count; i++)
        {
            int outChannels = c.Ch * c.ChMult[i];
            _levels.Add(Own(new Level(source["down"][i], channels, outChannels, c, isLast: i == c.ChMult.Count - 1)));
            channels = outChannels;
        }

        _middle = Own(new AutoencoderMiddle(source["mid"], channels, c.NormGroups));
        _normOut = Own(new GroupNorm(source["norm_out"], c.NormGroups, channels, AutoencoderDecoder.Epsilon));
        _convOut = Own(new Conv2d(source["conv_out"], channels, 2 * c.ZChannels, 3, padding: 1));
    }

    /// <summary>Gets the device and precision.</summary>
    public Placement Placement { get; }

    /// <summary>Encodes images to latents: the mean of the posterior, shifted and scaled.</summary>
    /// <param name="images">[batch, 3, height, width], −1 to 1, sides multiples of 8.</param>
    /// <returns>[batch, 16, height / 8, width / 8].</returns>
    /// <exception cref="NexusGenException">A side is not a multiple of 8.</exception>
    public Tensor Forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        Tensor mean = Moments(images).narrow(1, 0, _configuration.ZChannels);
        return ((mean - Scalars.Of(_configuration.ShiftFactor)) * Scalars.Of(_configuration.ScaleFactor))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Returns the mean and the log variance of the posterior, neither shifted nor scaled.</summary>
    /// <param name="images">[batch, 3, height, width], −1 to 1, sides multiples of 8.</param>
    /// <returns>[batch, 32, height / 8, width / 8].</returns>
    /// <exception cref="NexusGenException">A side is not a multiple of 8.</exception>
    public Tensor Moments(Tensor images)
    {
        int downscale = _configuration.Downscale;
        if (images.shape[2] % downscale != 0 || images.shape[3] % downscale != 0)
        {
            throw new NexusGenException(
                $"The autoencoder encodes images whose sides are multiples of {downscale}; "
                + $"this one has {images.shape[3]}×{images.shape[2]} pixels.");
        }

        using var scope = NewDisposeScope();
        Tensor x = _convIn.Forward(images.to(Placement.Precision, Placement.Device));
        foreach (Level level in _levels)
        {
            Tensor smaller = level.Forward(x);
            x.Dispose();
            x = smaller;
        }

        return _convOut.Forward(Ops.SiluOver(_normOut.Forward(_middle.Forward(x)))).MoveToOuterDisposeScope();
    }

    /// <summary>Residual blocks at one resolution, then downsampling by 2, except in the last level.</summary>
    private sealed class Level : Module
    {
        private readonly List<ResnetBlock> _blocks = [];
        private readonly Conv2d? _downsample;

        public Level(WeightSource source, int inChannels, int outChannels, AutoencoderConfiguration c, bool isLast)
            : base(source)
        {
            for (int i = 0; i < c.NumResBlocks; i++)
            {
                _blocks.Add(Own(
                    new ResnetBlock(source["block"][i], i == 0 ? inChannels : outChannels, outChannels, c.NormGroups)));
            }

            _downsample = isLast ? null : Own(new Conv2d(source["downsample.conv"], outChannels, outChannels, 3, stride: 2));
        }

        public Tensor Forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            x = ResnetBlock.Through(_blocks, x);
            if (_downsample is not null)
            {
                // Zero padding on the right and bottom only.
                Tensor padded = nn.functional.pad(x, [0, 1, 0, 1]);
                x.Dispose();
                x = _downsample.Forward(padded);
            }

            return x.MoveToOuterDisposeScope();
        }
    }
}
