using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Rendering;

/// <summary>Where things stand in a picture, in pixels of side 112. Larger pictures are whole multiples of it.</summary>
public static class WorldGeometry
{
    /// <summary>The side that all lengths are given for.</summary>
    public const int BaseSide = 112;

    /// <summary>The middle of the first row and column of cells.</summary>
    public const int FirstCenter = 19;

    /// <summary>From one cell's middle to the next's.</summary>
    public const int Pitch = 37;

    /// <summary>Units of jitter a pixel.</summary>
    public const int JitterUnits = 4;

    /// <summary>The largest side that is rendered.</summary>
    public const int MaxSide = 8 * BaseSide;

    /// <summary>Half the side of the box around an object.</summary>
    /// <param name="size">Its size.</param>
    /// <returns>15 or 10.</returns>
    public static int Radius(ObjectSize size) => size == ObjectSize.Big ? 15 : 10;

    /// <summary>The middle of a row or column of cells.</summary>
    /// <param name="line">0 to 2.</param>
    /// <returns>19, 56 or 93.</returns>
    public static int Center(int line) => FirstCenter + line * Pitch;

    /// <summary>How many times larger than the base a picture is.</summary>
    /// <param name="side">Its side.</param>
    /// <returns>1 to 8.</returns>
    /// <exception cref="WorldException">The side is no multiple of 112, or beyond <see cref="MaxSide"/>.</exception>
    public static int ScaleOf(int side) => side >= BaseSide && side <= MaxSide && side % BaseSide == 0
        ? side / BaseSide
        : throw new WorldException($"A picture's side is a multiple of {BaseSide} up to {MaxSide}, not {side}.");
}
