using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Tests.Diffusion;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>A decoder whose condition is the embeddings themselves, and that counts how often it is asked for one.</summary>
internal sealed class WatchedDecoder() : PictureDecoder(SmallFlux.Build(sizes: Sizes), Sizes.ContextInDim)
{
    /// <summary>As little as there can be, for many batches.</summary>
    public static FluxConfiguration Sizes { get; } = SmallFlux.Sizes with { Depth = 1, DepthSingleBlocks = 1 };

    /// <summary>How many conditions were made.</summary>
    public int Asked { get; private set; }

    public override DiffusionCondition Condition(Tensor drawn, GridThw grid, Tensor? source, GridThw sourceGrid, Tensor pooled, long height, long width)
    {
        Asked++;
        return new DiffusionCondition(drawn.clone(), pooled.clone(), TextIds.Zeros(drawn.shape[1], CPU));
    }
}
