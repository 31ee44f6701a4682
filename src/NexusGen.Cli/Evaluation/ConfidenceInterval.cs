namespace NexusGen.Cli.Evaluation;

/// <summary>Confidence intervals of shares.</summary>
internal static class ConfidenceInterval
{
    // The quantile of the normal distribution that leaves 2.5 % above.
    private const double Quantile = 1.959964;

    /// <summary>Returns the 95 % interval of a share by Wilson's method, which holds near 0 and 1 too.</summary>
    /// <param name="share">The measured share.</param>
    /// <param name="count">The number of cases, at least 1.</param>
    public static (double Low, double High) Wilson(double share, int count)
    {
        double square = Quantile * Quantile / count;
        double middle = (share + square / 2) / (1 + square);
        double half = Quantile / (1 + square) * Math.Sqrt((share * (1 - share) + square / 4) / count);
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }

    /// <summary>
    /// Returns the 95 % interval of the difference of two shares of the same cases, by the method of Bonett and Price (2012): one
    /// more pair of each kind keeps it honest when few pairs, or none, differ.
    /// </summary>
    /// <param name="better">The number of pairs that only the first has right.</param>
    /// <param name="worse">The number of pairs that only the second has right.</param>
    /// <param name="count">The number of pairs.</param>
    public static (double Low, double High) Paired(double better, double worse, int count)
    {
        double up = (better + 1) / (count + 2), down = (worse + 1) / (count + 2), middle = up - down;
        double half = Quantile * Math.Sqrt((up + down - (middle * middle)) / (count + 2));
        return (Math.Max(-1, middle - half), Math.Min(1, middle + half));
    }
}
