using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>Paints what the renderer never draws.</summary>
internal static class Brush
{
    public static void Pixel(Picture picture, int x, int y, Rgb colour)
    {
        if ((uint)x < picture.Width && (uint)y < picture.Height)
        {
            int at = 3 * ((y * picture.Width) + x);
            (picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]) = (colour.R, colour.G, colour.B);
        }
    }

    public static void Box(Picture picture, int left, int top, int width, int height, Rgb colour)
    {
        for (int i = 0; i < width * height; i++)
        {
            Pixel(picture, left + (i % width), top + (i / width), colour);
        }
    }

    /// <summary>A shape of any radius anywhere.</summary>
    public static void Shape(Picture picture, Shape shape, double radius, double x, double y, Rgb colour)
    {
        ShapeMask mask = ShapeMask.Draw(Outlines.Of(shape), picture.Width, x, y, radius);
        for (int i = 0; i < mask.Coverage.Length; i++)
        {
            (int column, int row, double cover) = (i % picture.Width, i / picture.Width, mask.Coverage[i] / 255.0);
            Rgb under = picture[column, row];
            Pixel(picture, column, row, new(Mix(under.R, colour.R), Mix(under.G, colour.G), Mix(under.B, colour.B)));
            byte Mix(byte a, byte b) => (byte)Math.Round(a + (cover * (b - a)));
        }
    }

    /// <summary>A picture of one colour.</summary>
    public static Picture Blank(Rgb colour)
    {
        Picture picture = new(WorldGeometry.BaseSide, WorldGeometry.BaseSide, new byte[3 * WorldGeometry.BaseSide * WorldGeometry.BaseSide]);
        Box(picture, 0, 0, picture.Width, picture.Height, colour);
        return picture;
    }
}
