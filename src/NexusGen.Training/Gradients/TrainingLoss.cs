using static TorchSharp.torch;

namespace NexusGen.Training.Gradients;

/// <summary>The loss of a batch: the scalar to differentiate and its parts.</summary>
/// <param name="Total">The loss, a scalar, averaged over the batch.</param>
internal sealed record TrainingLoss(Tensor Total)
{
    /// <summary>Gets named scalars that are reported in addition to the loss.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parts { get; init; } = [];
}
