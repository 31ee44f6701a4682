namespace NexusGen.Weights.Quantization;

/// <summary>
/// Finds the numbers of a block of 256 values whose sub-blocks have a scale and a minimum: small integers relative to two scales
/// of the block. The memory is used again for each block; not thread-safe.
/// </summary>
/// <param name="length">The number of values of a sub-block.</param>
/// <param name="largest">The largest number of a value.</param>
/// <param name="levels">The largest integer of a scale or a minimum.</param>
internal sealed class AffineBlock(int length, int largest, int levels)
{
    private readonly float[] _scales = new float[256 / length];
    private readonly float[] _minima = new float[256 / length];

    /// <summary>Gets the scale of the scales.</summary>
    public Half Scale { get; private set; }

    /// <summary>Gets the scale of the minima.</summary>
    public Half MinimumScale { get; private set; }

    /// <summary>Gets the scales of the sub-blocks.</summary>
    public int[] Scales { get; } = new int[256 / length];

    /// <summary>Gets the minima of the sub-blocks.</summary>
    public int[] Minima { get; } = new int[256 / length];

    /// <summary>Gets the numbers of the values.</summary>
    public int[] Numbers { get; } = new int[256];

    /// <summary>Finds the numbers of a block.</summary>
    /// <param name="values">256 values.</param>
    public void Fit(ReadOnlySpan<float> values)
    {
        for (int j = 0; j < Scales.Length; j++)
        {
            (_scales[j], _minima[j]) = ScaleFit.Affine(values.Slice(j * length, length), largest);
        }

        Scale = (Half)(_scales.Max() / levels);
        MinimumScale = (Half)(_minima.Max() / levels);
        float d = (float)Scale, m = (float)MinimumScale;
        for (int j = 0; j < Scales.Length; j++)
        {
            ReadOnlySpan<float> part = values.Slice(j * length, length);
            (Scales[j], Minima[j]) = Nearest(part, d, m, Round(_scales[j], d), Round(_minima[j], m));
            float scale = d * Scales[j], minimum = m * Minima[j];
            float inverse = scale == 0 ? 0 : 1 / scale;
            for (int i = 0; i < length; i++)
            {
                Numbers[(j * length) + i] = (int)Math.Clamp(MathF.Round((part[i] + minimum) * inverse), 0, largest);
            }
        }
    }

    // Rounding the scale and rounding the minimum for themselves is not the best pair.
    private (int Scale, int Minimum) Nearest(ReadOnlySpan<float> part, float d, float m, int scale, int minimum)
    {
        (int Scale, int Minimum) best = (scale, minimum);
        double least = double.MaxValue;
        for (int s = Math.Max(scale - 1, 0); s <= Math.Min(scale + 1, levels); s++)
        {
            for (int t = Math.Max(minimum - 1, 0); t <= Math.Min(minimum + 1, levels); t++)
            {
                double error = ScaleFit.Error(part, d * s, m * t, largest);
                if (error < least)
                {
                    (best, least) = ((s, t), error);
                }
            }
        }

        return best;
    }

    private int Round(float value, float unit) => unit == 0 ? 0 : (int)Math.Clamp(MathF.Round(value / unit), 0, levels);
}
