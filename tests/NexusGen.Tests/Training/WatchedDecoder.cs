using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Tests.Diffusion;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>A decoder that uses the embeddings themselves as condition and counts the conditions.</summary>
internal sealed class WatchedDecoder() : DiffusionDecoder(SmallFlux.Build(sizes: Sizes), Sizes.ContextInDim, merge: 2)
{
    /// <summary>The smallest possible sizes, for many batches.</summary>
    public static FluxConfiguration Sizes { get; } = SmallFlux.Sizes with { Depth = 1, DepthSingleBlocks = 1 };

    /// <summary>Gets the number of conditions created.</summary>
    public int Asked { get; private set; }

    public override DiffusionCondition Condition(
        Tensor drawn, GridThw grid, Tensor? source, GridThw sourceGrid, Tensor pooled, long height, long width)
    {
        Asked++;
        return new DiffusionCondition(drawn.clone(), pooled.clone(), TextIds.Zeros(drawn.shape[1], CPU));
    }
}
