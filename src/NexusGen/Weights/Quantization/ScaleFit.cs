using System.Runtime.Intrinsics;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// Searches the scale, and the minimum, with which small integers stand for values with the least sum of squared errors. Each
/// candidate assigns integers to the values; the best scale for these integers is a least-squares solution.
/// </summary>
internal static class ScaleFit
{
    // Steps around the scale that just reaches the largest value: a smaller one clips it, which can cost less than it gains.
    private const int Steps = 12;
    private const float Step = 0.1f;

    // Values are computed eight at a time; all sub-blocks are multiples of it.
    private const int Width = 8;

    /// <summary>Fits scale · q, with q from −center to center − 1.</summary>
    /// <param name="values">The values.</param>
    /// <param name="center">Half the number of integers.</param>
    /// <returns>The scale, which may be negative.</returns>
    public static float Symmetric(ReadOnlySpan<float> values, int center)
    {
        float extreme = 0;
        foreach (float value in values)
        {
            extreme = MathF.Abs(value) > MathF.Abs(extreme) ? value : extreme;
        }

        if (extreme == 0)
        {
            return 0;
        }

        float total = 0;
        foreach (float value in values)
        {
            total += value * value;
        }

        (float best, float least) = (0, float.MaxValue);
        for (int step = -Steps; step <= Steps; step++)
        {
            // The largest value becomes −center or center − 1.
            Try(-(center + (step * Step)) / extreme, values, ref best, ref least);
            Try((center - 1 + (step * Step)) / extreme, values, ref best, ref least);
        }

        return best;

        void Try(float inverse, ReadOnlySpan<float> values, ref float best, ref float least)
        {
            (float product, float square) = Products(values, inverse, center);

            // With the scale product / square, the error is total − product² / square.
            float error = square > 0 ? total - (product * product / square) : total;
            if (error < least)
            {
                (best, least) = (square > 0 ? product / square : 0, error);
            }
        }
    }

    /// <summary>Fits scale · q − minimum, with q from 0 to the largest integer.</summary>
    /// <param name="values">The values.</param>
    /// <param name="largest">The largest integer.</param>
    /// <returns>The scale and the minimum, both at least 0.</returns>
    public static (float Scale, float Minimum) Affine(ReadOnlySpan<float> values, int largest)
    {
        float low = 0, high = float.MinValue;
        foreach (float value in values)
        {
            low = MathF.Min(low, value);
            high = MathF.Max(high, value);
        }

        if (high <= low)
        {
            return (0, -low);
        }

        (float Scale, float Minimum) best = ((high - low) / largest, -low);
        float least = Error(values, best.Scale, best.Minimum, largest);
        for (int step = -Steps; step <= Steps; step++)
        {
            float inverse = (largest + (step * Step)) / (high - low);
            (float Scale, float Minimum) fit = (1 / inverse, -low);

            // The integers of one solution give the next one.
            for (int round = 0; round < 2; round++)
            {
                fit = Solve(values, fit.Scale, fit.Minimum, largest);
                float error = Error(values, fit.Scale, fit.Minimum, largest);
                if (error < least)
                {
                    (best, least) = (fit, error);
                }
            }
        }

        return best;
    }

    /// <summary>Computes the sum of squared errors of scale · q − minimum with the best integers.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="minimum">The minimum.</param>
    /// <param name="largest">The largest integer.</param>
    public static float Error(ReadOnlySpan<float> values, float scale, float minimum, int largest)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        Vector256<float> sum = default, factor = Vector256.Create(scale), offset = Vector256.Create(minimum);
        for (int i = 0; i < values.Length; i += Width)
        {
            Vector256<float> value = Vector256.Create(values[i..]);
            Vector256<float> q = Vector256.Min(
                Vector256.Max(Vector256.Round((value + offset) * Vector256.Create(inverse)), default),
                Vector256.Create((float)largest));
            Vector256<float> difference = (factor * q) - offset - value;
            sum += difference * difference;
        }

        return Vector256.Sum(sum);
    }

    /// <summary>Computes the sum of squared errors of scale · q with the best integers.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="center">Half the number of integers.</param>
    public static float Error(ReadOnlySpan<float> values, float scale, int center)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        Vector256<float> sum = default;
        for (int i = 0; i < values.Length; i += Width)
        {
            Vector256<float> value = Vector256.Create(values[i..]);
            Vector256<float> difference = (Vector256.Create(scale) * Rounded(value, inverse, center)) - value;
            sum += difference * difference;
        }

        return Vector256.Sum(sum);
    }

    // Σ q·x and Σ q².
    private static (float Product, float Square) Products(ReadOnlySpan<float> values, float inverse, int center)
    {
        Vector256<float> product = default, square = default;
        for (int i = 0; i < values.Length; i += Width)
        {
            Vector256<float> value = Vector256.Create(values[i..]), q = Rounded(value, inverse, center);
            product += q * value;
            square += q * q;
        }

        return (Vector256.Sum(product), Vector256.Sum(square));
    }

    private static Vector256<float> Rounded(Vector256<float> value, float inverse, int center) => Vector256.Min(
        Vector256.Max(Vector256.Round(value * Vector256.Create(inverse)), Vector256.Create(-(float)center)),
        Vector256.Create(center - 1f));

    private static (float Scale, float Minimum) Solve(ReadOnlySpan<float> values, float scale, float minimum, int largest)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        Vector256<float> sumQ = default, sumQQ = default, sumX = default, sumQX = default;
        for (int i = 0; i < values.Length; i += Width)
        {
            Vector256<float> value = Vector256.Create(values[i..]);
            Vector256<float> q = Vector256.Min(
                Vector256.Max(Vector256.Round((value + Vector256.Create(minimum)) * Vector256.Create(inverse)), default),
                Vector256.Create((float)largest));
            sumQ += q;
            sumQQ += q * q;
            sumX += value;
            sumQX += q * value;
        }

        double n = values.Length, q1 = Vector256.Sum(sumQ), q2 = Vector256.Sum(sumQQ), x1 = Vector256.Sum(sumX),
            qx = Vector256.Sum(sumQX);
        double determinant = (n * q2) - (q1 * q1);
        if (determinant <= 0)
        {
            return (scale, minimum);
        }

        double slope = ((n * qx) - (q1 * x1)) / determinant;
        double offset = ((q2 * x1) - (q1 * qx)) / determinant;
        if (offset > 0)
        {
            // The types can't store a positive offset.
            (slope, offset) = (q2 > 0 ? qx / q2 : 0, 0);
        }

        return slope > 0 ? ((float)slope, (float)-offset) : (scale, minimum);
    }
}
