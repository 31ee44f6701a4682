using NexusGen.Weights;

namespace NexusGen.Training;

/// <summary>Parameters that are trained alike.</summary>
/// <param name="Parameters">The parameters.</param>
public sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters)
{
    /// <summary>Factor on the learning rate of the schedule.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>Decoupled weight decay; PyTorch's default is 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;
}
