using static TorchSharp.torch;

namespace NexusGen.Training.Gradients;

/// <summary>The loss of a batch: the scalar to differentiate and its parts.</summary>
/// <param name="Total">The contribution of the batch to the loss of its step, a scalar.</param>
internal sealed record TrainingLoss(Tensor Total)
{
    /// <summary>
    /// Gets the means that are reported in addition to the loss: the same ones for every batch, in the same order.
    /// </summary>
    public IReadOnlyList<LossPart> Parts { get; init; } = [];
}
