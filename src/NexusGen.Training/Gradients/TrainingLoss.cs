using static TorchSharp.torch;

namespace NexusGen.Training.Gradients;

/// <summary>What a batch cost: the scalar that is differentiated, and what it is made of.</summary>
/// <param name="Total">The loss, a scalar, as a mean over the batch.</param>
public sealed record TrainingLoss(Tensor Total)
{
    /// <summary>Named scalars that are reported beside the loss.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parts { get; init; } = [];
}
