using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>Shift, scale and gate of one or two layers, from the vector of timestep, guidance and pooled text.</summary>
internal sealed class Modulation : Module
{
    private readonly Linear _lin;
    private readonly int _parts;

    public Modulation(WeightSource source, int width, bool isDouble)
        : base(source)
    {
        _parts = isDouble ? 6 : 3;
        _lin = Own(new Linear(source["lin"], width, _parts * width));
    }

    /// <summary>[batch, width], already through SiLU, to shift, scale, gate (twice where double), each [batch, 1, width].</summary>
    public Tensor[] Forward(Tensor activated) => _lin.Forward(activated).unsqueeze(1).chunk(_parts, -1);
}
