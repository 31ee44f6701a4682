using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>
/// The shift, scale and gate of one or two layers, projected from the vector of timestep, guidance and pooled text.
/// </summary>
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

    /// <summary>Maps [batch, width], after SiLU, to shift, scale and gate (twice if double), each [batch, 1, width].</summary>
    public Tensor[] Forward(Tensor activated) => _lin.Forward(activated).unsqueeze(1).chunk(_parts, -1);
}
