namespace NexusGen.Training.Core;

/// <summary>
/// Stateless random numbers: functions of a seed and counters. A sample does not depend on the samples generated before it, so
/// any sample can be identified and generated again.
/// </summary>
internal static class CounterRandom
{
    /// <summary>Returns 64 random bits for a seed and two counters.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="first">A counter, for example the number of the sample.</param>
    /// <param name="second">A counter, for example the index of the random number within the sample.</param>
    public static ulong Hash(ulong seed, ulong first, ulong second = 0) =>
        Mix(Mix(Mix(seed + 0x9e3779b97f4a7c15) ^ first) + second);

    /// <summary>Returns a uniformly distributed number in [0, 1).</summary>
    /// <inheritdoc cref="Hash"/>
    public static double Uniform(ulong seed, ulong first, ulong second = 0) =>
        (Hash(seed, first, second) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Returns a uniformly distributed integer in [0, count).</summary>
    /// <param name="count">The exclusive upper bound, at least 1.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="first">A counter.</param>
    /// <param name="second">A counter.</param>
    public static long Below(long count, ulong seed, ulong first, ulong second = 0) =>
        (long)Math.BigMul(Hash(seed, first, second), (ulong)count, out _);

    // The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
