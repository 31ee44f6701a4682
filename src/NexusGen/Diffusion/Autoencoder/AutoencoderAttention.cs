using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>Attention of all latents to one another, one head, in the middle of the autoencoder's halves.</summary>
internal sealed class AutoencoderAttention : Module
{
    private readonly GroupNorm _norm;
    private readonly Conv2d _q;
    private readonly Conv2d _k;
    private readonly Conv2d _v;
    private readonly Conv2d _projection;

    public AutoencoderAttention(WeightSource source, int channels, int groups)
        : base(source)
    {
        _norm = Own(new GroupNorm(source["norm"], groups, channels, AutoencoderDecoder.Epsilon));
        _q = Own(new Conv2d(source["q"], channels, channels, 1));
        _k = Own(new Conv2d(source["k"], channels, channels, 1));
        _v = Own(new Conv2d(source["v"], channels, channels, 1));
        _projection = Own(new Conv2d(source["proj_out"], channels, channels, 1));
    }

    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor normed = _norm.Forward(x);
        Tensor attended = Ops.Attention(Tokens(_q.Forward(normed)), Tokens(_k.Forward(normed)), Tokens(_v.Forward(normed)));
        Tensor image = attended.squeeze(1).transpose(1, 2).reshape(x.shape);
        return Ops.AddOver(x, _projection.Forward(image)).MoveToOuterDisposeScope();
    }

    // Copied, because over strided numbers attention falls back to the whole matrix of scores: 268 million for 1024×1024 pixels.
    private static Tensor Tokens(Tensor image) => image.flatten(2).transpose(1, 2).unsqueeze(1).contiguous();
}
