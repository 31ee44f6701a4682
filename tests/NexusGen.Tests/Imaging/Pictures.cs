using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

/// <summary>Creates images for tests.</summary>
internal static class Pictures
{
    /// <summary>Creates an image of arbitrary bytes that depend only on the size.</summary>
    public static RgbImage Noise(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        new Random((width * 1000) + height).NextBytes(pixels);
        return RgbImage.FromBytes(pixels, width, height);
    }

    /// <summary>Creates an image from a function of the position.</summary>
    public static RgbImage Of(int width, int height, Func<int, int, (int Red, int Green, int Blue)> rule)
    {
        var pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int red, int green, int blue) = rule(x, y);
                int i = ((y * width) + x) * 3;
                (pixels[i], pixels[i + 1], pixels[i + 2]) = ((byte)red, (byte)green, (byte)blue);
            }
        }

        return RgbImage.FromBytes(pixels, width, height);
    }

    /// <summary>Creates a smooth image, which lossy formats preserve almost exactly.</summary>
    public static RgbImage Smooth(int width, int height) =>
        Of(width, height, (x, y) => (x * 255 / width, y * 255 / height, 128));
}
