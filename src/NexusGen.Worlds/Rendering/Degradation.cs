using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Rendering;

/// <summary>
/// What a decoder does to a picture, imitated: a shift by parts of a pixel, blur, a cast of colour, noise. All zero leaves the
/// picture as it is. Lengths are pixels of the picture that is given.
/// </summary>
/// <param name="ShiftX">To the right.</param>
/// <param name="ShiftY">Down.</param>
/// <param name="BlurSigma">Of a Gaussian.</param>
/// <param name="ColourError">
/// The greatest error of a channel, of 255: each gets a gain and an offset of at most half of it.
/// </param>
/// <param name="NoiseSigma">Of Gaussian noise on each channel, of 255.</param>
public sealed record Degradation(
    double ShiftX = 0, double ShiftY = 0, double BlurSigma = 0, double ColourError = 0, double NoiseSigma = 0)
{
    /// <summary>A degraded copy. Beyond the border the picture is continued by its last pixels.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="dice">For the noise and the cast.</param>
    /// <returns>The copy.</returns>
    public Picture Apply(Picture picture, Dice dice)
    {
        ArgumentNullException.ThrowIfNull(dice);
        float[] values = [.. picture.Rgb.Select(b => (float)b)];
        values = Convolve(values, picture.Width, picture.Height, Kernel(ShiftX), horizontal: true);
        values = Convolve(values, picture.Width, picture.Height, Kernel(ShiftY), horizontal: false);
        Span<double> gain = stackalloc double[3];
        Span<double> offset = stackalloc double[3];
        for (int channel = 0; channel < 3; channel++)
        {
            gain[channel] = 1 + (dice.Unit() - 0.5) * ColourError / 255;
            offset[channel] = (dice.Unit() - 0.5) * ColourError;
        }

        byte[] rgb = new byte[values.Length];
        for (int i = 0; i < rgb.Length; i++)
        {
            double noise = NoiseSigma > 0 ? NoiseSigma * dice.Normal() : 0;
            rgb[i] = (byte)Math.Clamp(Math.Round(values[i] * gain[i % 3] + offset[i % 3] + noise), 0, 255);
        }

        return new Picture(picture.Width, picture.Height, rgb);
    }

    // Below this a Gaussian is narrower than the way to the nearest pixel, and its weights vanish.
    private const double LeastBlur = 0.25;

    // A Gaussian around the shift, or where there is no blur the two weights of linear interpolation.
    private float[] Kernel(double shift)
    {
        int reach = (int)Math.Ceiling(Math.Abs(shift) + Math.Max(1, 3 * BlurSigma));
        double[] weights = [.. Enumerable.Range(-reach, 2 * reach + 1).Select(i => BlurSigma > LeastBlur
            ? Math.Exp(-(i + shift) * (i + shift) / (2 * BlurSigma * BlurSigma))
            : Math.Max(0, 1 - Math.Abs(i + shift)))];
        double sum = weights.Sum();
        return [.. weights.Select(w => (float)(w / sum))];
    }

    private static float[] Convolve(float[] values, int width, int height, float[] kernel, bool horizontal)
    {
        int reach = kernel.Length / 2;
        int step = horizontal ? 3 : 3 * width;
        int length = horizontal ? width : height;
        float[] result = new float[values.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = 3 * (y * width + x);
                int place = horizontal ? x : y;
                for (int k = 0; k < kernel.Length; k++)
                {
                    int from = at + (Math.Clamp(place + k - reach, 0, length - 1) - place) * step;
                    result[at] += kernel[k] * values[from];
                    result[at + 1] += kernel[k] * values[from + 1];
                    result[at + 2] += kernel[k] * values[from + 2];
                }
            }
        }

        return result;
    }
}
