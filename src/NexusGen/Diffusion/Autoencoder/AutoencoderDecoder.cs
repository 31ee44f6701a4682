using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>
/// The half of FLUX's autoencoder that turns latents into a picture. Names as in <c>ae.safetensors</c> below <c>decoder.</c>.
/// Large pictures are decoded in tiles, see <see cref="TiledDecoding"/>.
/// </summary>
public sealed class AutoencoderDecoder : Module
{
    internal const double Epsilon = 1e-6;

    private readonly AutoencoderConfiguration _configuration;
    private readonly Conv2d _convIn;
    private readonly AutoencoderMiddle _middle;
    private readonly List<Level> _levels = [];
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    /// <summary>Loads the decoder.</summary>
    /// <param name="source">The place of its weights, <c>decoder</c> in the file.</param>
    /// <param name="configuration">Its sizes.</param>
    /// <exception cref="NexusGenException">The sizes don't fit one another, or a tensor is missing or has another shape.</exception>
    public AutoencoderDecoder(WeightSource source, AutoencoderConfiguration configuration)
        : base(source)
    {
        AutoencoderConfiguration c = _configuration = configuration.Checked();
        Placement = source.Options.Placement;
        int channels = c.Ch * c.ChMult[^1];
        _convIn = Own(new Conv2d(source["conv_in"], c.ZChannels, channels, 3, padding: 1));
        _middle = Own(new AutoencoderMiddle(source["mid"], channels, c.NormGroups));
        for (int i = c.ChMult.Count - 1; i >= 0; i--)
        {
            int outChannels = c.Ch * c.ChMult[i];
            _levels.Add(Own(new Level(source["up"][i], channels, outChannels, c, isLast: i == 0)));
            channels = outChannels;
        }

        _normOut = Own(new GroupNorm(source["norm_out"], c.NormGroups, channels, Epsilon));
        _convOut = Own(new Conv2d(source["conv_out"], channels, c.OutCh, 3, padding: 1));
    }

    /// <summary>The sizes it was built with.</summary>
    public AutoencoderConfiguration Configuration => _configuration;

    /// <summary>Device and precision.</summary>
    public Placement Placement { get; }

    /// <summary>The pictures of latents.</summary>
    /// <param name="latents">[batch, 16, height, width], as the encoder gives them.</param>
    /// <returns>[batch, 3, 8·height, 8·width], about −1 to 1.</returns>
    public Tensor Forward(Tensor latents)
    {
        using var scope = NewDisposeScope();
        Tensor unscaled = (latents.to(Placement.Precision, Placement.Device) / Scalars.Of(_configuration.ScaleFactor)).Plus(Scalars.Of(_configuration.ShiftFactor));
        Tensor x = _middle.Forward(_convIn.Forward(unscaled));
        foreach (Level level in _levels)
        {
            Tensor larger = level.Forward(x);
            x.Dispose();
            x = larger;
        }

        Tensor normed = _normOut.Forward(x);
        x.Dispose();
        return _convOut.Forward(Ops.SiluOver(normed)).MoveToOuterDisposeScope();
    }

    /// <summary>Residual blocks of one size, then twice the sides.</summary>
    private sealed class Level : Module
    {
        private readonly List<ResnetBlock> _blocks = [];
        private readonly Conv2d? _upsample;

        public Level(WeightSource source, int inChannels, int outChannels, AutoencoderConfiguration c, bool isLast)
            : base(source)
        {
            for (int i = 0; i <= c.NumResBlocks; i++)
            {
                _blocks.Add(Own(new ResnetBlock(source["block"][i], i == 0 ? inChannels : outChannels, outChannels, c.NormGroups)));
            }

            _upsample = isLast ? null : Own(new Conv2d(source["upsample.conv"], outChannels, outChannels, 3, padding: 1));
        }

        public Tensor Forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            x = ResnetBlock.Through(_blocks, x);
            if (_upsample is not null)
            {
                Tensor larger = nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
                x.Dispose();
                x = _upsample.Forward(larger);
            }

            return x.MoveToOuterDisposeScope();
        }
    }
}
