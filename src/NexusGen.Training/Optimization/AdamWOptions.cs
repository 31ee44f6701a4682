namespace NexusGen.Training.Optimization;

/// <summary>The options of AdamW besides learning rate and weight decay. The defaults are PyTorch's.</summary>
internal sealed record AdamWOptions
{
    /// <summary>The decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>The value added to the square root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;
}
