namespace NexusGen.Imaging;

/// <summary>Metrics of the similarity of two images of the same size, for judging reconstructions.</summary>
public static class ImageQuality
{
    private const int Window = 11;
    private const double Sigma = 1.5;
    private const double Peak = 255;

    /// <summary>Returns the peak signal-to-noise ratio over all three channels in decibels, infinite for equal images.</summary>
    /// <param name="image">The image.</param>
    /// <param name="reference">The image to compare with.</param>
    /// <exception cref="ImagingException">The sizes differ.</exception>
    public static double Psnr(RgbImage image, RgbImage reference)
    {
        RequireSameSize(image, reference);
        ReadOnlySpan<byte> a = image.Pixels, b = reference.Pixels;
        long sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            int difference = a[i] - b[i];
            sum += difference * difference;
        }

        return 10 * Math.Log10(Peak * Peak * a.Length / sum);
    }

    /// <summary>
    /// Returns the structural similarity, at most 1 (Wang, Bovik, Sheikh and Simoncelli 2004): a Gaussian window of 11×11 with σ
    /// = 1.5, K₁ = 0.01, K₂ = 0.03, averaged over the channels and all window positions inside the image.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="reference">The image to compare with.</param>
    /// <exception cref="ImagingException">The sizes differ, or a side is below 11.</exception>
    public static double Ssim(RgbImage image, RgbImage reference)
    {
        RequireSameSize(image, reference);
        if (image.Width < Window || image.Height < Window)
        {
            throw new ImagingException($"Structural similarity requires images of at least {Window}×{Window}, not {image}.");
        }

        double[] kernel = Kernel();
        double sum = 0;
        for (int channel = 0; channel < RgbImage.Channels; channel++)
        {
            sum += ChannelSsim(image, reference, channel, kernel);
        }

        return sum / RgbImage.Channels;
    }

    private static double ChannelSsim(RgbImage image, RgbImage reference, int channel, double[] kernel)
    {
        const double C1 = 0.01 * Peak * 0.01 * Peak, C2 = 0.03 * Peak * 0.03 * Peak;
        int width = image.Width, places = width - Window + 1;

        // For each row, compute the windowed sums of a, b, a², b² and ab along the row, then sum them over eleven rows.
        var rows = new double[Window][];
        double total = 0;
        var means = new double[5 * places];
        for (int y = 0; y < image.Height; y++)
        {
            double[] row = rows[y % Window] ??= new double[5 * places];
            Moments(image.Row(y), reference.Row(y), channel, kernel, row);
            if (y < Window - 1)
            {
                continue;
            }

            Array.Clear(means);
            for (int i = 0; i < Window; i++)
            {
                double[] part = rows[(y + 1 + i) % Window];
                for (int j = 0; j < means.Length; j++)
                {
                    means[j] += kernel[i] * part[j];
                }
            }

            for (int x = 0; x < places; x++)
            {
                double a = means[x], b = means[places + x];
                double varianceA = means[(2 * places) + x] - (a * a), varianceB = means[(3 * places) + x] - (b * b);
                double covariance = means[(4 * places) + x] - (a * b);
                total += ((2 * a * b) + C1) * ((2 * covariance) + C2) / (((a * a) + (b * b) + C1) * (varianceA + varianceB + C2));
            }
        }

        return total / ((double)places * (image.Height - Window + 1));
    }

    private static void Moments(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int channel, double[] kernel, double[] sums)
    {
        int places = sums.Length / 5;
        for (int x = 0; x < places; x++)
        {
            double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
            for (int i = 0; i < kernel.Length; i++)
            {
                double weight = kernel[i], p = first[((x + i) * 3) + channel], q = second[((x + i) * 3) + channel];
                a += weight * p;
                b += weight * q;
                aa += weight * p * p;
                bb += weight * q * q;
                ab += weight * p * q;
            }

            sums[x] = a;
            sums[places + x] = b;
            sums[(2 * places) + x] = aa;
            sums[(3 * places) + x] = bb;
            sums[(4 * places) + x] = ab;
        }
    }

    private static double[] Kernel()
    {
        double[] kernel = [.. Enumerable.Range(-(Window / 2), Window).Select(i => Math.Exp(-i * i / (2 * Sigma * Sigma)))];
        double sum = kernel.Sum();
        return [.. kernel.Select(value => value / sum)];
    }

    private static void RequireSameSize(RgbImage image, RgbImage reference)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(reference);
        if (image.Width != reference.Width || image.Height != reference.Height)
        {
            throw new ImagingException($"Only images of the same size can be compared, not {image} and {reference}.");
        }
    }
}
