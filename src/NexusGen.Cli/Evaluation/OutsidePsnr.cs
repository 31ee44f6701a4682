using NexusGen.Imaging;

namespace NexusGen.Cli.Evaluation;

/// <summary>Measures how well an edit keeps what it doesn't change.</summary>
internal static class OutsidePsnr
{
    // A change of the whole background leaves too little to compare.
    private const double LeastShare = 0.05;

    // A decoder is never exact; more than this can't be seen.
    private const double MostDecibels = 100;

    /// <summary>Returns the PSNR in dB of the pixels that the edit leaves alone, or null if there are too few of them.</summary>
    /// <param name="before">The image that was edited.</param>
    /// <param name="after">The edited image.</param>
    /// <param name="source">The rendered scene before.</param>
    /// <param name="target">The rendered scene after: where both are equal nothing changes.</param>
    public static double? Measure(RgbImage before, RgbImage after, RgbImage source, RgbImage target)
    {
        if (before.Pixels.Length != after.Pixels.Length || source.Pixels.Length != after.Pixels.Length)
        {
            return null;
        }

        double sum = 0;
        long count = 0;
        for (int i = 0; i < after.Pixels.Length; i += RgbImage.Channels)
        {
            if (source.Pixels.Slice(i, RgbImage.Channels).SequenceEqual(target.Pixels.Slice(i, RgbImage.Channels)))
            {
                for (int channel = i; channel < i + RgbImage.Channels; channel++, count++)
                {
                    double error = after.Pixels[channel] - before.Pixels[channel];
                    sum += error * error;
                }
            }
        }

        return count < LeastShare * after.Pixels.Length ? null
            : sum == 0 ? MostDecibels
            : Math.Min(MostDecibels, 10 * Math.Log10(255.0 * 255.0 * count / sum));
    }
}
