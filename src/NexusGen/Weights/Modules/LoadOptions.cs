using NexusGen.Torch;

namespace NexusGen.Weights.Modules;

/// <summary>How a model is loaded: where it computes, how its linear weights are stored, which of its blocks stay in memory.</summary>
/// <param name="Placement">Device and precision.</param>
public sealed record LoadOptions(Placement Placement)
{
    /// <summary>How linear layers store their weight; in the placement's precision unless another format is named.</summary>
    public ILinearFormat LinearFormat { get; init; } = DenseFormat.Instance;

    /// <summary>Which transformer blocks stay in memory; all of them where null.</summary>
    public BlockResidency? Residency { get; init; }

    /// <summary>
    /// Whether tensors may lie over the mapped file. Such memory is the page cache's, and can't be written: models that are
    /// trained, and blocks that come and go within a budget, are read into memory of their own.
    /// </summary>
    public bool MapFiles { get; init; } = true;

    /// <summary>The CPU in float32, all in memory.</summary>
    public static LoadOptions Reference { get; } = new(Placement.Reference);
}
