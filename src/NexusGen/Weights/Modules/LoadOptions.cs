using NexusGen.Torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// The options for loading a model: where it computes, how its linear weights are stored, which of its blocks stay in memory.
/// </summary>
/// <param name="Placement">The device and the precision.</param>
internal sealed record LoadOptions(Placement Placement)
{
    /// <summary>
    /// Gets the storage format of the weights of linear layers. The default is a matrix in the placement's type of storage.
    /// </summary>
    public LinearFormat LinearFormat { get; init; } = DenseFormat.Instance;

    /// <summary>Gets the residency of the transformer blocks, or null to keep all of them in memory.</summary>
    public BlockResidency? Residency { get; init; }

    /// <summary>
    /// Gets whether tensors may use the memory-mapped file. Such memory belongs to the page cache and can't be written to, so
    /// models that are trained, and models whose blocks are streamed, are read into separate memory instead.
    /// </summary>
    public bool MapFiles { get; init; } = true;

    /// <summary>Gets the changes that are added to the weights when they are loaded, or null for none.</summary>
    public LinearDeltas? Merged { get; init; }

    /// <summary>
    /// Gets the changes that the linear layers compute with at every use, or null for none. This is how a LoRA is trained: the
    /// changes belong to the layers of this model alone, also to those of blocks that are loaded again and again, and gradients
    /// flow through them.
    /// </summary>
    public LinearDeltas? Trained { get; init; }

    /// <summary>Gets the options for the CPU in float32, with all blocks in memory.</summary>
    public static LoadOptions Reference { get; } = new(Placement.Reference);
}
