using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>A double-stream block: picture and text have weights of their own and attend to one another.</summary>
internal sealed class DoubleStreamBlock : Module
{
    private readonly Stream _img;
    private readonly Stream _txt;

    public DoubleStreamBlock(WeightSource source, FluxConfiguration c)
        : base(source)
    {
        _img = Own(new Stream(source, "img", c));
        _txt = Own(new Stream(source, "txt", c));
    }

    public (Tensor Img, Tensor Txt) Forward(Tensor img, Tensor txt, Tensor vector, FluxRotary rotary)
    {
        using var scope = NewDisposeScope();
        Tensor[] imgMod = _img.Modulate(vector), txtMod = _txt.Modulate(vector);
        Tensor attended = FluxAttention.Attend(rotary, _txt.Project(txt, txtMod), _img.Project(img, imgMod));
        long text = txt.shape[1];
        img = _img.Finish(img, attended.narrow(1, text, img.shape[1]), imgMod);
        txt = _txt.Finish(txt, attended.narrow(1, 0, text), txtMod);
        return (img.MoveToOuterDisposeScope(), txt.MoveToOuterDisposeScope());
    }

    /// <summary>The picture after the first modulated norm: what TeaCache compares from step to step.</summary>
    public Tensor FirstModulatedInput(Tensor img, Tensor vector)
    {
        Tensor[] mod = _img.Modulate(vector);
        return FluxOps.NormAndModulate(img, mod[0], mod[1]);
    }

    /// <summary>One of the two streams: its modulation, attention's projections and feed-forward layer.</summary>
    private sealed class Stream : Module
    {
        private readonly int _heads;
        private readonly Modulation _mod;
        private readonly Linear _qkv;
        private readonly RmsNorm _queryNorm;
        private readonly RmsNorm _keyNorm;
        private readonly Linear _proj;
        private readonly Linear _mlpIn;
        private readonly Linear _mlpOut;

        public Stream(WeightSource block, string name, FluxConfiguration c)
            : base(block)
        {
            _heads = c.NumHeads;
            WeightSource attention = block[$"{name}_attn"];
            _mod = Own(new Modulation(block[$"{name}_mod"], c.HiddenSize, isDouble: true));
            _qkv = Own(new Linear(attention["qkv"], c.HiddenSize, 3 * c.HiddenSize, c.QkvBias));
            _queryNorm = Own(new RmsNorm(attention["norm.query_norm"], c.HeadWidth, 1e-6, "scale"));
            _keyNorm = Own(new RmsNorm(attention["norm.key_norm"], c.HeadWidth, 1e-6, "scale"));
            _proj = Own(new Linear(attention["proj"], c.HiddenSize, c.HiddenSize));
            _mlpIn = Own(new Linear(block[$"{name}_mlp.0"], c.HiddenSize, c.MlpWidth));
            _mlpOut = Own(new Linear(block[$"{name}_mlp.2"], c.MlpWidth, c.HiddenSize));
        }

        public Tensor[] Modulate(Tensor vector) => _mod.Forward(vector);

        public FluxProjection Project(Tensor x, Tensor[] mod) =>
            new(_qkv.Forward(FluxOps.NormAndModulate(x, mod[0], mod[1])), _heads, _queryNorm, _keyNorm);

        public Tensor Finish(Tensor x, Tensor attended, Tensor[] mod)
        {
            x = FluxOps.AddGated(x, mod[2], _proj.Forward(attended));
            Tensor inner = FluxOps.Gelu(_mlpIn.Forward(FluxOps.NormAndModulate(x, mod[3], mod[4])));
            return FluxOps.AddGated(x, mod[5], _mlpOut.Forward(inner));
        }
    }
}
