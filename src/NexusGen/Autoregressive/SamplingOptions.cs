namespace NexusGen.Autoregressive;

/// <summary>How the next token is chosen from its scores.</summary>
internal sealed record SamplingOptions
{
    /// <summary>Scores are divided by it; 0 takes the best.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the best k are drawn from; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the best that together reach this probability are drawn from; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>The scores of tokens that stand in prompt or reply are made worse by this factor; 1 for none.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Seed of the draws.</summary>
    public ulong Seed { get; init; }
}
