using System.Collections.Immutable;

namespace NexusGen.Worlds.Judging;

/// <summary>What was read out of a picture of either world.</summary>
/// <typeparam name="TRead">The type of the objects.</typeparam>
internal interface IReading<TRead>
    where TRead : class, IReadObject
{
    /// <summary>The name of the background; null where it is none of the world.</summary>
    string? BackgroundName { get; }

    /// <summary>The objects.</summary>
    ImmutableArray<TRead> Objects { get; }

    /// <summary>What can't be an object of the world.</summary>
    ImmutableArray<Fault> Problems { get; }
}
