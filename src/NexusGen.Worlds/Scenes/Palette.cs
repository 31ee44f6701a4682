namespace NexusGen.Worlds.Scenes;

/// <summary>
/// The colours of the world in numbers. Any two of the thirteen differ by at least 90 (Euclidean, of 255 a channel), so that
/// what a decoder does to a colour doesn't make it another.
/// </summary>
public static class Palette
{
    private static readonly Rgb[] Objects =
    [
        new(225, 35, 40), new(255, 125, 10), new(250, 228, 50), new(40, 165, 70),
        new(60, 205, 225), new(40, 80, 220), new(135, 40, 190), new(255, 105, 190),
    ];

    private static readonly Rgb[] Grounds =
    [
        new(245, 245, 245), new(18, 18, 22), new(125, 125, 125), new(225, 196, 150), new(100, 62, 38),
    ];

    /// <summary>The value of a colour.</summary>
    /// <param name="colour">The colour.</param>
    /// <returns>Its sRGB value.</returns>
    public static Rgb Of(Colour colour) => Objects[(int)colour];

    /// <summary>The value of a background.</summary>
    /// <param name="background">The background.</param>
    /// <returns>Its sRGB value.</returns>
    public static Rgb Of(Background background) => Grounds[(int)background];
}
