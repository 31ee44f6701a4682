using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>FLUX's last layer: a modulated norm and a projection to patches. Its modulation holds (shift, scale).</summary>
internal sealed class FluxLastLayer : Module
{
    private readonly Linear _modulation;
    private readonly Linear _linear;

    public FluxLastLayer(WeightSource source, FluxConfiguration c)
        : base(source)
    {
        _linear = Own(new Linear(source["linear"], c.HiddenSize, c.OutChannels));
        _modulation = Own(new Linear(source["adaLN_modulation.1"], c.HiddenSize, 2 * c.HiddenSize));
    }

    public Tensor Forward(Tensor x, Tensor activated)
    {
        Tensor[] parts = _modulation.Forward(activated).unsqueeze(1).chunk(2, -1);
        return _linear.Forward(FluxOps.NormAndModulate(x, parts[0], parts[1]));
    }
}
