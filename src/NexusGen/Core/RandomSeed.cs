namespace NexusGen.Core;

/// <summary>
/// Seeds for callers that leave the choice open. Whoever draws one returns it, so that the result can be repeated.
/// </summary>
internal static class RandomSeed
{
    /// <summary>The number that stands for a random seed, as in other programs.</summary>
    public const long Number = -1;

    /// <summary>The word that stands for a random seed.</summary>
    public const string Word = "random";

    /// <summary>Draws a seed of 32 bits: every program and format can hold it, with room for the seeds after it.</summary>
    public static ulong Next() => (ulong)Random.Shared.NextInt64(1L << 32);
}
