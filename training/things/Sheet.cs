using NetVips;

namespace NexusGen.ThingSheets;

/// <summary>A sheet of all sprites of one size.</summary>
/// <param name="Name">What the sheet holds: <c>natural</c>, <c>fixed</c> or <c>tint</c>.</param>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
/// <param name="Bands">The bytes of a pixel.</param>
/// <param name="Pixels">The pixels, row by row.</param>
internal sealed record Sheet(string Name, int Width, int Height, int Bands, byte[] Pixels)
{
    private const int Samples = 8;

    /// <summary>Renders the three sheets of a size.</summary>
    /// <param name="drawings">The drawings in the order of the sheet.</param>
    /// <param name="size">The size of a sprite in pixels.</param>
    /// <param name="columns">How many sprites stand side by side.</param>
    /// <returns>
    /// <c>natural</c>: the natural look, premultiplied RGBA. <c>fixed</c>: what the paths without a class give to it,
    /// premultiplied RGB. <c>tint</c>: how much of a pixel is body, light, dark and ink, in this order.
    /// </returns>
    public static IEnumerable<Sheet> Render(IReadOnlyList<Drawing> drawings, int size, int columns)
    {
        Sheet natural = Empty("natural", drawings.Count, size, columns, 4);
        Sheet rest = Empty("fixed", drawings.Count, size, columns, 3);
        Sheet tint = Empty("tint", drawings.Count, size, columns, 4);
        for (int i = 0; i < drawings.Count; i++)
        {
            natural.Place(i, size, drawings[i].Render(size, Samples, (_, fill) => fill), [0, 1, 2, 3], [0, 1, 2, 3]);
            rest.Place(i, size, drawings[i].Render(size, Samples, (shade, fill) => shade is null ? fill : "#000000"),
                [0, 1, 2], [0, 1, 2]);
            tint.Place(i, size, drawings[i].Render(size, Samples, (shade, _) => shade switch
            {
                "body" => "#ff0000",
                "light" => "#00ff00",
                "dark" => "#0000ff",
                _ => "#000000",
            }), [0, 1, 2], [0, 1, 2]);
            Func<string?, string, string> ink = (shade, _) => shade is "ink" ? "#ff0000" : "#000000";
            tint.Place(i, size, drawings[i].Render(size, Samples, ink), [0], [3]);
        }

        return [natural, rest, tint];
    }

    /// <summary>Writes the sheet as a PNG file.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path)
    {
        using Image image = Image.NewFromMemory(Pixels, Width, Height, Bands, Enums.BandFormat.Uchar);
        using Image srgb = image.Copy(interpretation: Enums.Interpretation.Srgb);
        srgb.Pngsave(path, compression: 9, filter: Enums.ForeignPngFilter.None, keep: Enums.ForeignKeep.None);
    }

    /// <summary>The largest difference of a value to those of a PNG file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The difference: 0 if the file holds the same pixels, 255 if it has another format.</returns>
    public int DistanceTo(string path)
    {
        using Image image = Image.NewFromFile(path);
        return image.Width == Width && image.Height == Height && image.Bands == Bands
            ? Pixels.Zip(image.WriteToMemory<byte>(), (a, b) => Math.Abs(a - b)).Max()
            : 255;
    }

    private static Sheet Empty(string name, int count, int size, int columns, int bands)
    {
        int rows = (count + columns - 1) / columns;
        return new(name, columns * size, rows * size, bands, new byte[columns * size * rows * size * bands]);
    }

    private void Place(int index, int size, byte[] rgba, int[] from, int[] to)
    {
        int columns = Width / size;
        for (int i = 0; i < size * size; i++)
        {
            int at = Bands * ((index / columns * size + i / size) * Width + index % columns * size + i % size);
            for (int k = 0; k < from.Length; k++)
            {
                Pixels[at + to[k]] = rgba[4 * i + from[k]];
            }
        }
    }
}
