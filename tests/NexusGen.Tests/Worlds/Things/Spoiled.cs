using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>Pictures that the renderer never draws.</summary>
internal static class Spoiled
{
    private const int Side = ThingGeometry.Side;

    /// <summary>Half of one picture and half of another.</summary>
    public static Picture Blend(ThingScene one, ThingScene other)
    {
        byte[] a = ThingRenderer.Render(one).Rgb, b = ThingRenderer.Render(other).Rgb;
        return new Picture(Side, Side, [.. a.Zip(b, (x, y) => (byte)((x + y) / 2))]);
    }

    /// <summary>A thing from one of whose sides a share is missing.</summary>
    /// <param name="background">The background.</param>
    /// <param name="placed">The thing.</param>
    /// <param name="side">0 to 3: left, right, top or bottom.</param>
    /// <param name="share">The share of its area.</param>
    public static Picture Eat(ThingBackground background, PlacedThing placed, int side, double share = 0.25)
    {
        Picture picture = ThingRenderer.Render(new ThingScene(background, placed));
        byte[] empty = BackgroundPainter.Of(background), sprite = Sprites.Of(placed);
        int width = ThingGeometry.SpriteSide(placed.Size);
        (int left, int top) = ThingRenderer.CornerOf(placed);
        double eaten = share * Enumerable.Range(0, width * width).Sum(i => sprite[4 * i + 3]);
        for (int i = 0; i < width * width && eaten > 0; i++)
        {
            (int along, int across) = (side % 2 == 0 ? i / width : width - 1 - i / width, i % width);
            (int x, int y) = side < 2 ? (along, across) : (across, along);
            eaten -= sprite[4 * (y * width + x) + 3];
            int at = 3 * ((top + y) * Side + left + x);
            empty.AsSpan(at, 3).CopyTo(picture.Rgb.AsSpan(at));
        }

        return picture;
    }

    /// <summary>Draws a thing anywhere on a picture.</summary>
    public static void Draw(Picture picture, PlacedThing placed, int left, int top)
    {
        byte[] sprite = Sprites.Of(placed);
        int width = ThingGeometry.SpriteSide(placed.Size);
        for (int i = 0; i < sprite.Length / 4; i++)
        {
            int at = 3 * ((top + i / width) * Side + left + i % width);
            for (int channel = 0; channel < 3; channel++)
            {
                int over = sprite[4 * i + channel] + picture.Rgb[at + channel] * (255 - sprite[4 * i + 3]) / 255;
                picture.Rgb[at + channel] = (byte)Math.Min(255, over);
            }
        }
    }

    /// <summary>A heart whose upper half has no gap between its lobes.</summary>
    public static Picture FillNotch(ThingBackground background, PlacedThing heart)
    {
        Picture picture = ThingRenderer.Render(new ThingScene(background, heart));
        byte[] sprite = Sprites.Of(heart);
        int width = ThingGeometry.SpriteSide(heart.Size);
        (int left, int top) = ThingRenderer.CornerOf(heart);
        int middle = 3 * ((top + width / 2) * Side + left + width / 2);
        for (int y = 0; y < width / 2; y++)
        {
            int[] covered = [.. Enumerable.Range(0, width).Where(x => sprite[4 * (y * width + x) + 3] > 127)];
            for (int x = covered.FirstOrDefault(width); x <= covered.LastOrDefault(); x++)
            {
                picture.Rgb.AsSpan(middle, 3).CopyTo(picture.Rgb.AsSpan(3 * ((top + y) * Side + left + x)));
            }
        }

        return picture;
    }
}
