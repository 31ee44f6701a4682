using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Rendering;

/// <summary>A raw picture: 8-bit RGB, row by row from the top, without padding.</summary>
public readonly struct Picture
{
    /// <summary>A picture of given pixels, which are not copied.</summary>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="rgb">width · height · 3 bytes.</param>
    /// <exception cref="WorldException">The number of bytes doesn't fit the size.</exception>
    public Picture(int width, int height, byte[] rgb)
    {
        ArgumentNullException.ThrowIfNull(rgb);
        if (width < 1 || height < 1 || rgb.LongLength != 3L * width * height)
        {
            throw new WorldException($"A picture of {width}x{height} doesn't have {rgb.LongLength} bytes.");
        }

        Width = width;
        Height = height;
        Rgb = rgb;
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes: red, green, blue of each pixel.</summary>
    public byte[] Rgb { get; }

    /// <summary>One pixel.</summary>
    /// <param name="x">Column.</param>
    /// <param name="y">Row.</param>
    /// <returns>Its colour.</returns>
    public Rgb this[int x, int y]
    {
        get
        {
            int at = 3 * (y * Width + x);
            return new(Rgb[at], Rgb[at + 1], Rgb[at + 2]);
        }
    }
}
