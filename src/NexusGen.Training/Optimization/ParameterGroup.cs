using NexusGen.Weights.Modules;

namespace NexusGen.Training.Optimization;

/// <summary>Parameters that share optimizer settings.</summary>
/// <param name="Parameters">The parameters.</param>
internal sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters)
{
    /// <summary>The factor on the scheduled learning rate.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>The decoupled weight decay. PyTorch's default is 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>
    /// Creates two groups: with weight decay for matrices and tensors of higher rank, and without it for vectors (biases and the
    /// scales of norms), as is usual in training from random weights.
    /// </summary>
    /// <param name="parameters">The parameters of both groups.</param>
    /// <param name="weightDecay">The weight decay of the first group.</param>
    public static IReadOnlyList<ParameterGroup> DecayMatricesOnly(IEnumerable<Parameter> parameters, double weightDecay)
    {
        ILookup<bool, Parameter> byKind = parameters.ToLookup(parameter => parameter.Value.dim() >= 2);
        return [new([.. byKind[true]]) { WeightDecay = weightDecay }, new([.. byKind[false]]) { WeightDecay = 0 }];
    }
}
