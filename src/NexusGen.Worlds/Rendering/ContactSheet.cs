using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Rendering;

/// <summary>Puts pictures of one size side by side on one sheet, to be looked at.</summary>
public static class ContactSheet
{
    private const int Gap = 6;
    private const byte GapShade = 200;

    /// <summary>The sheet.</summary>
    /// <param name="pictures">Pictures of one size, at least one.</param>
    /// <param name="columns">Pictures a row.</param>
    /// <returns>The sheet: pictures in order, row by row, with gaps of 6 light pixels.</returns>
    /// <exception cref="WorldException">No pictures, or of several sizes.</exception>
    public static Picture Compose(IReadOnlyList<Picture> pictures, int columns)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (pictures.Count == 0 || pictures.Any(p => p.Width != pictures[0].Width || p.Height != pictures[0].Height))
        {
            throw new WorldException("A contact sheet needs pictures, all of one size.");
        }

        (int width, int height) = (pictures[0].Width, pictures[0].Height);
        int rows = (pictures.Count + columns - 1) / columns;
        int sheetWidth = Gap + columns * (width + Gap);
        int sheetHeight = Gap + rows * (height + Gap);
        byte[] rgb = new byte[3 * sheetWidth * sheetHeight];
        Array.Fill(rgb, GapShade);
        for (int i = 0; i < pictures.Count; i++)
        {
            int left = Gap + i % columns * (width + Gap);
            int top = Gap + i / columns * (height + Gap);
            for (int y = 0; y < height; y++)
            {
                pictures[i].Rgb.AsSpan(3 * y * width, 3 * width).CopyTo(rgb.AsSpan(3 * ((top + y) * sheetWidth + left)));
            }
        }

        return new Picture(sheetWidth, sheetHeight, rgb);
    }
}
