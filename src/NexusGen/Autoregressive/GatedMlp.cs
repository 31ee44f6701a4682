using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>The SwiGLU feed-forward layer of Qwen2.5: down(silu(gate(x)) · up(x)).</summary>
internal sealed class GatedMlp : Module
{
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;

    public GatedMlp(WeightSource source, int width, int inner, bool bias)
        : base(source)
    {
        _gate = Own(new Linear(source["gate_proj"], width, inner, bias));
        _up = Own(new Linear(source["up_proj"], width, inner, bias));
        _down = Own(new Linear(source["down_proj"], inner, width, bias));
    }

    public Tensor Forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _down.Forward(Ops.SwiGlu(_gate.Forward(input), _up.Forward(input))).MoveToOuterDisposeScope();
    }
}
