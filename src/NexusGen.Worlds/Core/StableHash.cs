namespace NexusGen.Worlds.Core;

/// <summary>
/// FNV-1a of 64 bits: the same on every system and in every version of .NET, unlike <see cref="HashCode"/>.
/// </summary>
internal static class StableHash
{
    /// <summary>The hash of nothing.</summary>
    public const ulong Empty = 14695981039346656037;

    /// <summary>Adds a byte to a hash.</summary>
    public static ulong Add(ulong hash, byte value) => (hash ^ value) * 1099511628211;

    /// <summary>Computes the hash of a text's UTF-8 bytes.</summary>
    public static ulong Of(string text) => System.Text.Encoding.UTF8.GetBytes(text).Aggregate(Empty, Add);
}
