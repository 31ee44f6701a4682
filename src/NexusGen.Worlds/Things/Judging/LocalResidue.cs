namespace NexusGen.Worlds.Things.Judging;

/// <summary>
/// How much of a picture is unexplained where it is worst: the squared differences that a fit leaves in a small box, relative to
/// what it may leave there.
/// </summary>
internal static class LocalResidue
{
    private const int Box = 7;

    // The squared difference that may be left of any pixel.
    private const float Floor = 30 * 30;

    /// <summary>Finds the worst box of a window.</summary>
    /// <param name="left">What is left of each pixel's squared difference, row by row.</param>
    /// <param name="slack">What may be left of each pixel beside that.</param>
    /// <param name="stride">The distance from one row to the next.</param>
    /// <param name="side">The side of the window.</param>
    /// <param name="noise">The squared difference that noise leaves of a pixel.</param>
    /// <returns>The worst ratio: about 1 where a difference of 30 of 255 fills a box without edges.</returns>
    public static float Worst(ReadOnlySpan<float> left, ReadOnlySpan<float> slack, int stride, int side, float noise)
    {
        float worst = 0;
        Span<float> columnLeft = stackalloc float[side];
        Span<float> columnSlack = stackalloc float[side];
        for (int y = 0; y < side; y++)
        {
            Add(columnLeft, left.Slice(y * stride, side), 1);
            Add(columnSlack, slack.Slice(y * stride, side), 1);
            if (y >= Box)
            {
                Add(columnLeft, left.Slice((y - Box) * stride, side), -1);
                Add(columnSlack, slack.Slice((y - Box) * stride, side), -1);
            }

            if (y >= Box - 1)
            {
                worst = Math.Max(worst, WorstOfRow(columnLeft, columnSlack, noise));
            }
        }

        return worst;
    }

    private static float WorstOfRow(ReadOnlySpan<float> left, ReadOnlySpan<float> slack, float noise)
    {
        float worst = 0, sumLeft = 0, sumSlack = 0;
        for (int x = 0; x < left.Length; x++)
        {
            sumLeft += left[x] - (x >= Box ? left[x - Box] : 0);
            sumSlack += slack[x] - (x >= Box ? slack[x - Box] : 0);
            if (x >= Box - 1)
            {
                worst = Math.Max(worst, (sumLeft - Box * Box * noise) / (sumSlack + Box * Box * Floor));
            }
        }

        return worst;
    }

    private static void Add(Span<float> sums, ReadOnlySpan<float> values, int sign)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += sign * values[i];
        }
    }
}
