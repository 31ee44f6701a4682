namespace NexusGen.Worlds.Things.Rendering;

/// <summary>
/// Where things are in a picture, in pixels. A cell is a square of 64 pixels, so that an embedding of a small model can be one
/// cell, and every cell has the same place in the grid of latents: a decoder learns each sprite once and not once for each cell.
/// </summary>
public static class ThingGeometry
{
    /// <summary>The side of a picture.</summary>
    public const int Side = 3 * Pitch;

    /// <summary>The middle of the first row and column of cells.</summary>
    public const int FirstCenter = Pitch / 2;

    /// <summary>The side of a cell: the distance from one cell's middle to the next's.</summary>
    public const int Pitch = 64;

    /// <summary>Returns the side of a sprite.</summary>
    /// <param name="size">The size of the thing.</param>
    /// <returns>54, 42 or 32.</returns>
    public static int SpriteSide(ThingSize size) => size switch
    {
        ThingSize.Big => 54,
        ThingSize.Medium => 42,
        _ => 32,
    };

    /// <summary>Returns the middle of a row or column of cells: the corner of the four pixels there.</summary>
    /// <param name="line">0 to 2.</param>
    /// <returns>32, 96 or 160.</returns>
    public static int Center(int line) => FirstCenter + line * Pitch;
}
