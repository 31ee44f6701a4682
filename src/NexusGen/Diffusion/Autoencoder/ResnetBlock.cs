using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>A residual block of the autoencoder: norm, SiLU and convolution, twice.</summary>
internal sealed class ResnetBlock : Module
{
    private readonly GroupNorm _norm1;
    private readonly GroupNorm _norm2;
    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Conv2d? _shortcut;

    public ResnetBlock(WeightSource source, int inChannels, int outChannels, int groups)
        : base(source)
    {
        _norm1 = Own(new GroupNorm(source["norm1"], groups, inChannels, AutoencoderDecoder.Epsilon));
        _conv1 = Own(new Conv2d(source["conv1"], inChannels, outChannels, 3, padding: 1));
        _norm2 = Own(new GroupNorm(source["norm2"], groups, outChannels, AutoencoderDecoder.Epsilon));
        _conv2 = Own(new Conv2d(source["conv2"], outChannels, outChannels, 3, padding: 1));
        _shortcut = inChannels == outChannels ? null : Own(new Conv2d(source["nin_shortcut"], inChannels, outChannels, 1));
    }

    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor half = Half(x, _norm1, _conv1);
        Tensor inner = Half(half, _norm2, _conv2);
        half.Dispose();
        return Ops.AddOver(_shortcut?.Forward(x) ?? x, inner).MoveToOuterDisposeScope();
    }

    /// <summary>Blocks one after the other, each state let go as soon as the next is there; the first stays the caller's.</summary>
    public static Tensor Through(IEnumerable<ResnetBlock> blocks, Tensor x)
    {
        Tensor state = x;
        foreach (ResnetBlock block in blocks)
        {
            Tensor next = block.Forward(state);
            if (!ReferenceEquals(state, x))
            {
                state.Dispose();
            }

            state = next;
        }

        return state;
    }

    // A scope of its own, so that the normed copy is gone before the next one is made.
    private static Tensor Half(Tensor x, GroupNorm norm, Conv2d convolution)
    {
        using var scope = NewDisposeScope();
        return convolution.Forward(Ops.SiluOver(norm.Forward(x))).MoveToOuterDisposeScope();
    }
}
