namespace NexusGen.Worlds.Scenes;

/// <summary>An object that stands in a cell of the grid, perhaps a little off the middle of the cell.</summary>
/// <typeparam name="TSelf">The type of the object itself.</typeparam>
public interface IGridObject<TSelf>
    where TSelf : struct, IGridObject<TSelf>
{
    /// <summary>The largest jitter in each direction, in units of <see cref="JitterX"/>.</summary>
    static abstract int JitterLimit { get; }

    /// <summary>The cell.</summary>
    Cell Cell { get; }

    /// <summary>The distance to the right of the cell's middle.</summary>
    int JitterX { get; }

    /// <summary>The distance below the cell's middle.</summary>
    int JitterY { get; }

    /// <summary>Returns the same object at another distance from the middle of its cell.</summary>
    /// <param name="x">The distance to the right.</param>
    /// <param name="y">The distance down.</param>
    /// <returns>The object.</returns>
    TSelf WithJitter(int x, int y);
}
