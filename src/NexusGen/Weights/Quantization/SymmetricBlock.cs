namespace NexusGen.Weights.Quantization;

/// <summary>
/// Finds the numbers of a block of 256 values whose 16 sub-blocks have a scale: a small signed integer relative to the scale of
/// the block. The memory is used again for each block; not thread-safe.
/// </summary>
/// <param name="center">Half the number of values that a number can have.</param>
/// <param name="levels">Half the number of values that a scale can have.</param>
internal sealed class SymmetricBlock(int center, int levels)
{
    private const int Length = 16;

    private readonly float[] _scales = new float[256 / Length];

    /// <summary>Gets the scale of the block.</summary>
    public Half Scale { get; private set; }

    /// <summary>Gets the scales of the sub-blocks.</summary>
    public int[] Scales { get; } = new int[256 / Length];

    /// <summary>Gets the numbers of the values, from −center.</summary>
    public int[] Numbers { get; } = new int[256];

    /// <summary>Finds the numbers of a block.</summary>
    /// <param name="values">256 values.</param>
    public void Fit(ReadOnlySpan<float> values)
    {
        float extreme = 0;
        for (int j = 0; j < Scales.Length; j++)
        {
            _scales[j] = ScaleFit.Symmetric(values.Slice(j * Length, Length), center);
            extreme = MathF.Abs(_scales[j]) > MathF.Abs(extreme) ? _scales[j] : extreme;
        }

        // The largest scale becomes the most negative integer, of which there is one more.
        Scale = (Half)(extreme / -levels);
        float d = (float)Scale;
        for (int j = 0; j < Scales.Length; j++)
        {
            ReadOnlySpan<float> part = values.Slice(j * Length, Length);
            Scales[j] = d == 0 ? 0 : Nearest(part, d, (int)Math.Clamp(MathF.Round(_scales[j] / d), -levels, levels - 1));
            float scale = d * Scales[j];
            float inverse = scale == 0 ? 0 : 1 / scale;
            for (int i = 0; i < Length; i++)
            {
                Numbers[(j * Length) + i] = (int)Math.Clamp(MathF.Round(part[i] * inverse), -center, center - 1);
            }
        }
    }

    private int Nearest(ReadOnlySpan<float> part, float d, int scale)
    {
        (int best, double least) = (scale, double.MaxValue);
        for (int s = Math.Max(scale - 1, -levels); s <= Math.Min(scale + 1, levels - 1); s++)
        {
            double error = ScaleFit.Error(part, d * s, center);
            if (error < least)
            {
                (best, least) = (s, error);
            }
        }

        return best;
    }
}
