namespace NexusGen.Worlds.Things.Rendering;

/// <summary>Where things stand in a picture, in pixels.</summary>
public static class ThingGeometry
{
    /// <summary>The side of a picture.</summary>
    public const int Side = 224;

    /// <summary>The middle of the first row and column of cells.</summary>
    public const int FirstCenter = 38;

    /// <summary>The distance from one cell's middle to the next's.</summary>
    public const int Pitch = 74;

    /// <summary>Returns the side of a sprite.</summary>
    /// <param name="size">The size of the thing.</param>
    /// <returns>64, 48 or 34.</returns>
    public static int SpriteSide(ThingSize size) => size switch
    {
        ThingSize.Big => 64,
        ThingSize.Medium => 48,
        _ => 34,
    };

    /// <summary>Returns the middle of a row or column of cells: the corner of the four pixels there.</summary>
    /// <param name="line">0 to 2.</param>
    /// <returns>38, 112 or 186.</returns>
    public static int Center(int line) => FirstCenter + line * Pitch;
}
