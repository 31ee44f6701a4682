namespace NexusGen.Imaging;

/// <summary>Separates the alpha of decoded pixels from their colors.</summary>
internal static class AlphaBand
{
    /// <summary>Splits decoded bands into colors and alpha.</summary>
    /// <param name="levels">The bands of all pixels, interleaved.</param>
    /// <param name="bands">
    /// The number of bands: gray and alpha (2), or red, green, blue, alpha and others that are ignored (4 or more), or 1 or 3
    /// without alpha, which is then 255.
    /// </param>
    public static (byte[] Rgb, byte[] Alpha) Split(byte[] levels, int bands)
    {
        var alpha = new byte[levels.Length / bands];
        var rgb = new byte[alpha.Length * RgbImage.Channels];
        int colors = bands >= RgbImage.Channels ? RgbImage.Channels : 1;
        for (int i = 0; i < alpha.Length; i++)
        {
            ReadOnlySpan<byte> pixel = levels.AsSpan(i * bands, bands);
            alpha[i] = colors < bands ? pixel[colors] : (byte)255;
            for (int c = 0; c < RgbImage.Channels; c++)
            {
                rgb[(RgbImage.Channels * i) + c] = pixel[Math.Min(c, colors - 1)];
            }
        }

        return (rgb, alpha);
    }
}
