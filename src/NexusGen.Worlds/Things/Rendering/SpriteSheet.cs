using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things.Rendering;

/// <summary>
/// The sprites of one size, from three embedded sheets: natural looks, what keeps its colour, and weights of the shades.
/// </summary>
internal sealed class SpriteSheet
{
    /// <summary>The embedded folder of the sheets.</summary>
    public const string Folder = "Things/Sprites/";

    private const int Columns = 11;
    private const int Shades = 4;

    private readonly int _side;
    private readonly int _width;
    private readonly byte[] _natural;
    private readonly byte[] _fixed;
    private readonly byte[] _tint;

    /// <summary>Reads the sheets of a size.</summary>
    public SpriteSheet(ThingSize size)
    {
        _side = ThingGeometry.SpriteSide(size);
        string[] names = NamesOf(size);
        (_width, _natural) = Read(names[0]);
        (_, _fixed) = Read(names[1]);
        (_, _tint) = Read(names[2]);
    }

    /// <summary>Returns the names of the files of a size: the natural looks, what keeps its colour, and the weights.</summary>
    public static string[] NamesOf(ThingSize size) =>
        [.. new[] { "natural", "fixed", "tint" }.Select(name => $"{name}-{ThingGeometry.SpriteSide(size)}.png")];

    /// <summary>Makes a sprite: red, green and blue, premultiplied by alpha, and alpha, of each pixel row by row.</summary>
    public byte[] Sprite(Thing thing, ThingColour? colour)
    {
        byte[] sprite = new byte[4 * _side * _side];
        Span<int> shades = stackalloc int[3 * Shades];
        Fill(shades, colour);
        for (int i = 0; i < _side * _side; i++)
        {
            int x = thing.Index % Columns * _side + i % _side;
            int pixel = (thing.Index / Columns * _side + i / _side) * _width + x;
            for (int channel = 0; channel < 3; channel++)
            {
                sprite[4 * i + channel] = colour is null ? _natural[4 * pixel + channel] : Tinted(pixel, channel, shades);
            }

            sprite[4 * i + 3] = _natural[4 * pixel + 3];
        }

        return sprite;
    }

    private static void Fill(Span<int> shades, ThingColour? colour)
    {
        if (colour is null)
        {
            return;
        }

        Rgb[] values = [colour.Body, colour.Light, colour.Dark, colour.Ink];
        for (int i = 0; i < values.Length; i++)
        {
            (shades[3 * i], shades[3 * i + 1], shades[3 * i + 2]) = (values[i].R, values[i].G, values[i].B);
        }
    }

    private byte Tinted(int pixel, int channel, ReadOnlySpan<int> shades)
    {
        int sum = 127;
        for (int i = 0; i < Shades; i++)
        {
            sum += _tint[4 * pixel + i] * shades[3 * i + channel];
        }

        return (byte)Math.Min(255, _fixed[3 * pixel + channel] + sum / 255);
    }

    private static (int Width, byte[] Pixels) Read(string name)
    {
        (int width, _, byte[] pixels) = PngDecoder.Decode(ThingCatalogue.Resource(Folder + name));
        return (width, pixels);
    }
}
