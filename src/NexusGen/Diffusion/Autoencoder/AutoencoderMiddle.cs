using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>The middle of the autoencoder's halves, at the latents' size: two residual blocks with attention between.</summary>
internal sealed class AutoencoderMiddle : Module
{
    private readonly ResnetBlock _block1;
    private readonly AutoencoderAttention _attention;
    private readonly ResnetBlock _block2;

    public AutoencoderMiddle(WeightSource source, int channels, int groups)
        : base(source)
    {
        _block1 = Own(new ResnetBlock(source["block_1"], channels, channels, groups));
        _attention = Own(new AutoencoderAttention(source["attn_1"], channels, groups));
        _block2 = Own(new ResnetBlock(source["block_2"], channels, channels, groups));
    }

    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _block2.Forward(_attention.Forward(_block1.Forward(x))).MoveToOuterDisposeScope();
    }
}
