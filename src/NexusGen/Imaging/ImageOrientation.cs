namespace NexusGen.Imaging;

/// <summary>Turns a picture upright as the camera's Exif orientation says.</summary>
internal static class ImageOrientation
{
    /// <summary>Whether rows become columns.</summary>
    /// <param name="orientation">As Exif numbers it.</param>
    public static bool IsSideways(int orientation) => orientation is >= 5 and <= 8;

    /// <summary>The upright picture.</summary>
    /// <param name="pixels">Height × width × 3 bytes, taken over.</param>
    /// <param name="width">Columns as stored.</param>
    /// <param name="height">Rows as stored.</param>
    /// <param name="orientation">1 to 8 as Exif numbers them; anything else counts as 1, upright.</param>
    public static RgbImage Upright(byte[] pixels, int width, int height, int orientation)
    {
        if (orientation is < 2 or > 8)
        {
            return RgbImage.Wrap(pixels, width, height);
        }

        // Where the pixel of column x and row y goes: start + x · right + y · down, counted in pixels.
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
