namespace NexusGen.Hub;

/// <summary>What of a file is there before it is fetched.</summary>
public enum PullState
{
    /// <summary>Nothing is there.</summary>
    Missing,

    /// <summary>An earlier attempt left a part of it.</summary>
    Begun,

    /// <summary>A cache has it.</summary>
    Cached,

    /// <summary>It is in its place.</summary>
    Present,
}
