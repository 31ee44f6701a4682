namespace NexusGen.Imaging;

/// <summary>Rotates and mirrors an image according to its Exif orientation.</summary>
internal static class ImageOrientation
{
    /// <summary>Returns whether the orientation swaps rows and columns.</summary>
    /// <param name="orientation">The Exif orientation.</param>
    public static bool IsSideways(int orientation) => orientation is >= 5 and <= 8;

    /// <summary>Returns the upright image.</summary>
    /// <param name="pixels">Height × width × 3 bytes. The method takes ownership of the array.</param>
    /// <param name="width">The stored width.</param>
    /// <param name="height">The stored height.</param>
    /// <param name="orientation">The Exif orientation, 1 to 8. Any other value counts as 1, upright.</param>
    public static RgbImage Upright(byte[] pixels, int width, int height, int orientation)
    {
        if (orientation is < 2 or > 8)
        {
            return RgbImage.Wrap(pixels, width, height);
        }

        // The target of the pixel in column x and row y is start + x · right + y · down, counted in pixels.
        bool sideways = IsSideways(orientation);
        int newWidth = sideways ? height : width, newHeight = sideways ? width : height;
        int last = (newHeight - 1) * newWidth;
        (int start, int right, int down) = orientation switch
        {
            2 => (newWidth - 1, -1, newWidth),
            3 => (last + newWidth - 1, -1, -newWidth),
            4 => (last, 1, -newWidth),
            5 => (0, newWidth, 1),
            6 => (newWidth - 1, newWidth, -1),
            7 => (last + newWidth - 1, -newWidth, -1),
            _ => (last, -newWidth, 1),
        };

        byte[] upright = RgbImage.Allocate(newWidth, newHeight);
        int from = 0;
        for (int y = 0; y < height; y++)
        {
            int to = (start + (y * down)) * RgbImage.Channels;
            for (int x = 0; x < width; x++)
            {
                upright[to] = pixels[from];
                upright[to + 1] = pixels[from + 1];
                upright[to + 2] = pixels[from + 2];
                from += RgbImage.Channels;
                to += right * RgbImage.Channels;
            }
        }

        return RgbImage.Wrap(upright, newWidth, newHeight);
    }
}
