using System.Collections.Concurrent;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Rendering;

/// <summary>
/// Draws scenes: a flat background and antialiased objects, from masks that are made once for each shape, size and fraction of
/// a pixel. The same scene gives the same bytes everywhere. Safe for use by several threads.
/// </summary>
public static class Renderer
{
    private static readonly ConcurrentDictionary<(Shape, ObjectSize, int, int, int), ShapeMask> Masks = new();

    /// <summary>The picture of a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="side">Pixels a side: a multiple of 112.</param>
    /// <returns>The picture.</returns>
    /// <exception cref="WorldException">The side is no multiple of 112.</exception>
    public static Picture Render(Scene scene, int side = WorldGeometry.BaseSide)
    {
        _ = WorldGeometry.ScaleOf(side);
        byte[] rgb = new byte[3 * side * side];
        Render(scene, rgb, side);
        return new Picture(side, side, rgb);
    }

    /// <summary>Draws a scene into a buffer that is there already.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="rgb">side · side · 3 bytes, all overwritten.</param>
    /// <param name="side">Pixels a side: a multiple of 112.</param>
    /// <exception cref="WorldException">The side is no multiple of 112, or the buffer has another length.</exception>
    public static void Render(Scene scene, Span<byte> rgb, int side)
    {
        ArgumentNullException.ThrowIfNull(scene);
        int scale = WorldGeometry.ScaleOf(side);
        if (rgb.Length != 3 * side * side)
        {
            throw new WorldException($"A picture of side {side} has {3 * side * side} bytes, the buffer has {rgb.Length}.");
        }

        Fill(rgb, side, Palette.Of(scene.Background));
        foreach (SceneObject o in scene.Objects)
        {
            DrawObject(rgb, side, scale, o);
        }
    }

    private static void Fill(Span<byte> rgb, int side, Rgb colour)
    {
        Span<byte> row = rgb[..(3 * side)];
        for (int at = 0; at < row.Length; at += 3)
        {
            (row[at], row[at + 1], row[at + 2]) = (colour.R, colour.G, colour.B);
        }

        for (int y = 1; y < side; y++)
        {
            row.CopyTo(rgb[(y * row.Length)..]);
        }
    }

    private static void DrawObject(Span<byte> rgb, int side, int scale, SceneObject o)
    {
        int x = scale * (WorldGeometry.Center(o.Cell.Column) * WorldGeometry.JitterUnits + o.JitterX);
        int y = scale * (WorldGeometry.Center(o.Cell.Row) * WorldGeometry.JitterUnits + o.JitterY);
        (int wholeX, int partX) = Math.DivRem(x, WorldGeometry.JitterUnits);
        (int wholeY, int partY) = Math.DivRem(y, WorldGeometry.JitterUnits);
        ShapeMask mask = MaskOf(o.Shape, o.Size, scale, partX, partY);
        int margin = (mask.Side - 1) / 2;
        Rgb colour = Palette.Of(o.Colour);
        for (int row = 0; row < mask.Side; row++)
        {
            ReadOnlySpan<byte> coverage = mask.Coverage.AsSpan(row * mask.Side, mask.Side);
            Blend(rgb.Slice(3 * ((wholeY - margin + row) * side + wholeX - margin), 3 * mask.Side), coverage, colour);
        }
    }

    private static void Blend(Span<byte> pixels, ReadOnlySpan<byte> coverage, Rgb colour)
    {
        for (int i = 0; i < coverage.Length; i++)
        {
            int cover = coverage[i];
            if (cover != 0)
            {
                Span<byte> pixel = pixels.Slice(3 * i, 3);
                pixel[0] = Mix(pixel[0], colour.R, cover);
                pixel[1] = Mix(pixel[1], colour.G, cover);
                pixel[2] = Mix(pixel[2], colour.B, cover);
            }
        }
    }

    private static byte Mix(int under, int over, int cover) => (byte)((under * (255 - cover) + over * cover + 127) / 255);

    private static ShapeMask MaskOf(Shape shape, ObjectSize size, int scale, int partX, int partY) => Masks.GetOrAdd(
        (shape, size, scale, partX, partY),
        static key =>
        {
            (Shape shape, ObjectSize size, int scale, int partX, int partY) = key;
            int radius = scale * WorldGeometry.Radius(size);
            double x = radius + (double)partX / WorldGeometry.JitterUnits;
            double y = radius + (double)partY / WorldGeometry.JitterUnits;
            return ShapeMask.Draw(Outlines.Of(shape), 2 * radius + 1, x, y, radius);
        });
}
