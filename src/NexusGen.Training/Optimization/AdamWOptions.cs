namespace NexusGen.Training.Optimization;

/// <summary>What AdamW has besides learning rate and weight decay; the defaults are PyTorch's.</summary>
public sealed record AdamWOptions
{
    /// <summary>How much of the first moment stays at each step.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the second moment stays at each step.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;
}
