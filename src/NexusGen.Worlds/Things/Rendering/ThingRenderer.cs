using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Rendering;

/// <summary>
/// Draws scenes of things, 192 pixels a side, in integers: the same scene gives the same bytes on every system. Safe for use by
/// several threads.
/// </summary>
public static class ThingRenderer
{
    private const int Side = ThingGeometry.Side;

    /// <summary>The number of bytes of a picture.</summary>
    public const int Bytes = 3 * Side * Side;

    /// <summary>Renders a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>The picture, 192 by 192.</returns>
    public static Picture Render(ThingScene scene)
    {
        byte[] rgb = new byte[Bytes];
        Render(scene, rgb);
        return new Picture(Side, Side, rgb);
    }

    /// <summary>Renders a scene into a buffer.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="rgb"><see cref="Bytes"/> bytes, all overwritten.</param>
    /// <exception cref="WorldException">The buffer has another length.</exception>
    public static void Render(ThingScene scene, Span<byte> rgb)
    {
        ArgumentNullException.ThrowIfNull(scene);
        if (rgb.Length != Bytes)
        {
            throw new WorldException($"A picture of side {Side} has {Bytes} bytes, the buffer has {rgb.Length}.");
        }

        BackgroundPainter.Of(scene.Background).CopyTo(rgb);
        foreach (PlacedThing placed in scene.Objects)
        {
            Draw(rgb, placed);
        }
    }

    /// <summary>The column and row of a thing's upper left pixel.</summary>
    internal static (int Left, int Top) CornerOf(PlacedThing placed)
    {
        int half = ThingGeometry.SpriteSide(placed.Size) / 2;
        return (
            ThingGeometry.Center(placed.Cell.Column) + placed.JitterX - half,
            ThingGeometry.Center(placed.Cell.Row) + placed.JitterY - half);
    }

    private static void Draw(Span<byte> rgb, PlacedThing placed)
    {
        int width = ThingGeometry.SpriteSide(placed.Size);
        ReadOnlySpan<byte> sprite = Sprites.Of(placed);
        (int left, int top) = CornerOf(placed);
        for (int y = 0; y < width; y++)
        {
            Blend(rgb.Slice(3 * ((top + y) * Side + left), 3 * width), sprite.Slice(4 * y * width, 4 * width));
        }
    }

    private static void Blend(Span<byte> pixels, ReadOnlySpan<byte> sprite)
    {
        for (int from = 0, to = 0; from < sprite.Length; from += 4, to += 3)
        {
            int clear = 255 - sprite[from + 3];
            if (clear < 255)
            {
                pixels[to] = Over(pixels[to], sprite[from], clear);
                pixels[to + 1] = Over(pixels[to + 1], sprite[from + 1], clear);
                pixels[to + 2] = Over(pixels[to + 2], sprite[from + 2], clear);
            }
        }
    }

    // A rounded premultiplied colour and a rounded rest may exceed the range by one.
    private static byte Over(int under, int over, int clear) => (byte)Math.Min(255, over + (under * clear + 127) / 255);
}
