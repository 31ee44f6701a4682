using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>A single-stream block: text and picture as one sequence, attention and feed-forward layer side by side.</summary>
internal sealed class SingleStreamBlock : Module
{
    private readonly FluxConfiguration _configuration;
    private readonly Modulation _modulation;
    private readonly Linear _linear1;
    private readonly Linear _linear2;
    private readonly RmsNorm _queryNorm;
    private readonly RmsNorm _keyNorm;

    public SingleStreamBlock(WeightSource source, FluxConfiguration c)
        : base(source)
    {
        _configuration = c;
        _linear1 = Own(new Linear(source["linear1"], c.HiddenSize, (3 * c.HiddenSize) + c.MlpWidth));
        _linear2 = Own(new Linear(source["linear2"], c.HiddenSize + c.MlpWidth, c.HiddenSize));
        _queryNorm = Own(new RmsNorm(source["norm.query_norm"], c.HeadWidth, 1e-6, "scale"));
        _keyNorm = Own(new RmsNorm(source["norm.key_norm"], c.HeadWidth, 1e-6, "scale"));
        _modulation = Own(new Modulation(source["modulation"], c.HiddenSize, isDouble: false));
    }

    public Tensor Forward(Tensor x, Tensor vector, FluxRotary rotary)
    {
        using var scope = NewDisposeScope();
        FluxConfiguration c = _configuration;
        Tensor[] mod = _modulation.Forward(vector);
        Tensor wide = _linear1.Forward(FluxOps.NormAndModulate(x, mod[0], mod[1]));
        Tensor attended = FluxAttention.Attend(rotary, new FluxProjection(wide, c.NumHeads, _queryNorm, _keyNorm));
        Tensor joined = FluxOps.JoinWithGelu(attended, wide);
        return FluxOps.AddGated(x, mod[2], _linear2.Forward(joined)).MoveToOuterDisposeScope();
    }
}
