using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>
/// Single-head self-attention over all latent positions, in the middle of the autoencoder's encoder and decoder.
/// </summary>
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

    // Made contiguous, because for strided inputs attention falls back to the full score matrix: 268 million scores for 1024×1024
    // pixels.
    private static Tensor Tokens(Tensor image) => image.flatten(2).transpose(1, 2).unsqueeze(1).contiguous();
}
