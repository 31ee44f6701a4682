using NexusGen.Diffusion.Flux;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>What a FLUX transformer is given.</summary>
internal sealed record FluxInputs(Tensor Latents, Tensor Timestep, Tensor Context, Tensor Pooled, Tensor Guidance, Tensor TextIds)
{
    public FluxInputs Row(int row) => new(
        Latents.narrow(0, row, 1), Timestep.narrow(0, row, 1), Context.narrow(0, row, 1), Pooled.narrow(0, row, 1),
        Guidance.narrow(0, row, 1), TextIds.narrow(0, row, 1));

    public Tensor Through(FluxTransformer transformer) => transformer.Forward(Latents, Timestep, Context, Pooled, Guidance, TextIds);
}
