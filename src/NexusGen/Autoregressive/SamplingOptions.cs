namespace NexusGen.Autoregressive;

/// <summary>The options that the next token is sampled with.</summary>
internal sealed record SamplingOptions
{
    /// <summary>The temperature that logits are divided by; 0 always takes the most likely token.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>The number of most likely tokens that are sampled from; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// The probability that the most likely tokens have to reach together; only these are sampled from. 1 for all.
    /// </summary>
    public double TopP { get; init; } = 1;

    /// <summary>The factor by which tokens that occur in the prompt or the reply are penalized; 1 for none.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>The seed of the random numbers.</summary>
    public ulong Seed { get; init; }
}
