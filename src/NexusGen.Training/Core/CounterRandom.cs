namespace NexusGen.Training.Core;

/// <summary>
/// Random numbers that are a function of a seed and counters, without state: what a sample looks like does not depend on
/// which samples were drawn before, so any sample can be named and drawn again.
/// </summary>
public static class CounterRandom
{
    /// <summary>64 random bits for a seed and two counters.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="first">A counter, for example the sample's number.</param>
    /// <param name="second">A counter, for example which number of the sample it is.</param>
    public static ulong Hash(ulong seed, ulong first, ulong second = 0) => Mix(Mix(Mix(seed + 0x9e3779b97f4a7c15) ^ first) + second);

    /// <summary>A number of [0, 1).</summary>
    /// <inheritdoc cref="Hash"/>
    public static double Uniform(ulong seed, ulong first, ulong second = 0) => (Hash(seed, first, second) >> 11) * (1.0 / (1UL << 53));

    /// <summary>An integer of [0, count).</summary>
    /// <param name="count">The bound, at least 1.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="first">A counter.</param>
    /// <param name="second">A counter.</param>
    public static long Below(long count, ulong seed, ulong first, ulong second = 0) =>
        (long)Math.BigMul(Hash(seed, first, second), (ulong)count, out _);

    // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
