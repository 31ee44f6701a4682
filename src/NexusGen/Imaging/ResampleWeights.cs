namespace NexusGen.Imaging;

/// <summary>
/// The filter weights of one axis of a resize: for each target position, the run of source positions and their weights in fixed
/// point. They are computed in double precision in the order of <c>precompute_coeffs</c> of Pillow (libImaging/Resample.c), so
/// every weight is identical.
/// </summary>
internal sealed class ResampleWeights
{
    /// <summary>The number of fractional bits: of 32 bits, 8 are for the pixel value and 2 for overshoot.</summary>
    public const int PrecisionBits = 32 - 8 - 2;

    private readonly int[] _weights;
    private readonly (int First, int Count)[] _runs;

    /// <summary>Computes the weights that resize <paramref name="from"/> positions to <paramref name="to"/> positions.</summary>
    public ResampleWeights(int from, int to, ResampleFilter filter)
    {
        double scale = (double)from / to;
        double stretch = Math.Max(scale, 1);
        double support = (filter == ResampleFilter.Bilinear ? 1.0 : 2.0) * stretch;
        MaxCount = Math.Min(from, ((int)Math.Ceiling(support) * 2) + 1);
        _weights = new int[checked(to * MaxCount)];
        _runs = new (int, int)[to];
        var exact = new double[MaxCount];
        for (int place = 0; place < to; place++)
        {
            double centre = (place + 0.5) * scale;
            int first = Math.Max(0, (int)(centre - support + 0.5));
            int count = Math.Min(from, (int)(centre + support + 0.5)) - first;
            double inverse = 1.0 / stretch, sum = 0;
            for (int i = 0; i < count; i++)
            {
                exact[i] = Kernel(filter, (i + first - centre + 0.5) * inverse);
                sum += exact[i];
            }

            Span<int> weights = _weights.AsSpan(place * MaxCount, count);
            for (int i = 0; i < count; i++)
            {
                double weight = (sum != 0 ? exact[i] / sum : exact[i]) * (1 << PrecisionBits);
                weights[i] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }

            _runs[place] = (first, count);
        }
    }

    /// <summary>Gets the upper limit of the number of source positions of a target position.</summary>
    public int MaxCount { get; }

    /// <summary>Returns the weights of a target position and the first source position that they apply to.</summary>
    public ReadOnlySpan<int> For(int place, out int first)
    {
        (first, int count) = _runs[place];
        return _weights.AsSpan(place * MaxCount, count);
    }

    private static double Kernel(ResampleFilter filter, double x)
    {
        x = Math.Abs(x);
        if (filter == ResampleFilter.Bilinear)
        {
            return x < 1 ? 1 - x : 0;
        }

        const double A = -0.5;
        return x switch
        {
            < 1 => ((((A + 2) * x) - (A + 3)) * x * x) + 1,
            < 2 => ((((x - 5) * x) + 8) * x - 4) * A,
            _ => 0,
        };
    }
}
