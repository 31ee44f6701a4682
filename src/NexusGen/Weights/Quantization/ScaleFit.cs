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

        (float best, double least) = (0, double.MaxValue);
        for (int step = -Steps; step <= Steps; step++)
        {
            // The largest value becomes −center or center − 1.
            Try(-(center + (step * Step)) / extreme, values, ref best, ref least);
            Try((center - 1 + (step * Step)) / extreme, values, ref best, ref least);
        }

        return best;

        void Try(float inverse, ReadOnlySpan<float> values, ref float best, ref double least)
        {
            double product = 0, square = 0, total = 0;
            foreach (float value in values)
            {
                float q = Math.Clamp(MathF.Round(value * inverse), -center, center - 1);
                product += (double)q * value;
                square += (double)q * q;
                total += (double)value * value;
            }

            // With the scale product / square, the error is total − product² / square.
            double error = square > 0 ? total - (product * product / square) : total;
            if (error < least)
            {
                (best, least) = (square > 0 ? (float)(product / square) : 0, error);
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
        double least = Error(values, best.Scale, best.Minimum, largest);
        for (int step = -Steps; step <= Steps; step++)
        {
            float inverse = (largest + (step * Step)) / (high - low);
            (float Scale, float Minimum) fit = (1 / inverse, -low);

            // The integers of one solution give the next one.
            for (int round = 0; round < 2; round++)
            {
                fit = Solve(values, fit.Scale, fit.Minimum, largest);
                double error = Error(values, fit.Scale, fit.Minimum, largest);
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
    public static double Error(ReadOnlySpan<float> values, float scale, float minimum, int largest)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        double error = 0;
        foreach (float value in values)
        {
            float q = Math.Clamp(MathF.Round((value + minimum) * inverse), 0, largest);
            double difference = (scale * q) - minimum - value;
            error += difference * difference;
        }

        return error;
    }

    /// <summary>Computes the sum of squared errors of scale · q with the best integers.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="center">Half the number of integers.</param>
    public static double Error(ReadOnlySpan<float> values, float scale, int center)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        double error = 0;
        foreach (float value in values)
        {
            double difference = (scale * Math.Clamp(MathF.Round(value * inverse), -center, center - 1)) - value;
            error += difference * difference;
        }

        return error;
    }

    private static (float Scale, float Minimum) Solve(ReadOnlySpan<float> values, float scale, float minimum, int largest)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        double n = values.Length, q1 = 0, q2 = 0, x1 = 0, qx = 0;
        foreach (float value in values)
        {
            float q = Math.Clamp(MathF.Round((value + minimum) * inverse), 0, largest);
            q1 += q;
            q2 += (double)q * q;
            x1 += value;
            qx += (double)q * value;
        }

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
