using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things.Rendering;

/// <summary>The pictures of the backgrounds without things; each is made once.</summary>
internal static class BackgroundPainter
{
    private const int Side = ThingGeometry.Side;

    private static readonly Lazy<byte[]>[] Pictures =
        [.. ThingCatalogue.Backgrounds.Select(background => new Lazy<byte[]>(() => Paint(background)))];

    /// <summary>Returns the pixels of a background: 192 · 192 · 3 bytes, not to be changed.</summary>
    public static byte[] Of(ThingBackground background) => Pictures[background.Index].Value;

    private static byte[] Paint(ThingBackground background)
    {
        byte[] rgb = new byte[3 * Side * Side];
        for (int y = 0; y < Side; y++)
        {
            Rgb plain = new(
                Between(background.Top.R, background.Bottom.R, y),
                Between(background.Top.G, background.Bottom.G, y),
                Between(background.Top.B, background.Bottom.B, y));
            for (int x = 0; x < Side; x++)
            {
                Rgb colour = background.Texture is { } texture && texture.Covers(x, y) ? texture.Colour : plain;
                int at = 3 * (y * Side + x);
                (rgb[at], rgb[at + 1], rgb[at + 2]) = (colour.R, colour.G, colour.B);
            }
        }

        return rgb;
    }

    private static byte Between(int top, int bottom, int y) =>
        (byte)((top * (Side - 1 - y) + bottom * y + (Side - 1) / 2) / (Side - 1));
}
