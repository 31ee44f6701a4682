namespace NexusGen.Worlds.Core;

/// <summary>
/// A counter-based source of chance: the n-th throw is a pure function of (seed, index, n), the same on every machine, so any
/// sample can be named and made again in any order. Not safe for use by several threads at once: give each its own.
/// </summary>
public sealed class Dice
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private readonly ulong _key;
    private ulong _throws;

    /// <summary>The dice of one name.</summary>
    /// <param name="seed">The stream's seed.</param>
    /// <param name="index">The place in the stream.</param>
    public Dice(ulong seed, ulong index)
    {
        _key = Mix(Mix(seed + Golden) ^ (index * 0xD1342543DE82EF95));
    }

    /// <summary>The next 64 random bits.</summary>
    /// <returns>The bits.</returns>
    public ulong NextBits() => Mix(_key + ++_throws * Golden);

    /// <summary>A whole number from 0, below a bound.</summary>
    /// <param name="bound">The bound, at least 1.</param>
    /// <returns>The number.</returns>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)Math.BigMul(NextBits(), (ulong)bound, out _);
    }

    /// <summary>A whole number between two, both included.</summary>
    /// <param name="low">The least.</param>
    /// <param name="high">The greatest.</param>
    /// <returns>The number.</returns>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>A number from 0 to below 1.</summary>
    /// <returns>The number, of 53 bits.</returns>
    public double Unit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with a probability.</summary>
    /// <param name="probability">0 to 1.</param>
    /// <returns>Whether it came so.</returns>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>A number of the standard normal distribution (Box and Muller).</summary>
    /// <returns>The number.</returns>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>One of several.</summary>
    /// <typeparam name="T">Of what.</typeparam>
    /// <param name="choices">The choices, at least one.</param>
    /// <returns>The one that was drawn.</returns>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>One value of an enumeration.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <returns>The value.</returns>
    public T Any<T>()
        where T : struct, Enum => Pick<T>(Enum.GetValues<T>());

    /// <summary>Puts items into a random order.</summary>
    /// <typeparam name="T">Of what.</typeparam>
    /// <param name="items">The items.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The finisher of SplitMix64: every input bit moves every output bit.</summary>
    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
