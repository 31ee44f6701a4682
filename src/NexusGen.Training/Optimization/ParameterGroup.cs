using NexusGen.Weights.Modules;

namespace NexusGen.Training.Optimization;

/// <summary>Parameters that are trained alike.</summary>
/// <param name="Parameters">The parameters.</param>
public sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters)
{
    /// <summary>Factor on the learning rate of the schedule.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>Decoupled weight decay; PyTorch's default is 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>
    /// Two groups: weight decay for matrices and larger ones, none for vectors (biases, the scales of norms), as is usual when
    /// training from nothing.
    /// </summary>
    /// <param name="parameters">The parameters of both.</param>
    /// <param name="weightDecay">The decay of the first group.</param>
    public static IReadOnlyList<ParameterGroup> DecayMatricesOnly(IEnumerable<Parameter> parameters, double weightDecay)
    {
        ILookup<bool, Parameter> byKind = parameters.ToLookup(parameter => parameter.Value.dim() >= 2);
        return [new([.. byKind[true]]) { WeightDecay = weightDecay }, new([.. byKind[false]]) { WeightDecay = 0 }];
    }
}
