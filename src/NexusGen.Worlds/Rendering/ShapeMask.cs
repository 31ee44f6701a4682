using System.Collections.Immutable;

namespace NexusGen.Worlds.Rendering;

/// <summary>
/// How much of each pixel a shape covers, 0 to 255, in a square window. Rows are sampled 16 times a pixel, and along each
/// sampled line the coverage is exact.
/// </summary>
internal sealed class ShapeMask
{
    private const int RowSamples = 16;

    private ShapeMask(int side, byte[] coverage)
    {
        Side = side;
        Coverage = coverage;
    }

    /// <summary>Pixels a side of the window.</summary>
    public int Side { get; }

    /// <summary>side · side values.</summary>
    public byte[] Coverage { get; }

    /// <summary>Draws an outline of a radius around a point of the window.</summary>
    public static ShapeMask Draw(
        ImmutableArray<ImmutableArray<OutlinePoint>> outline, int side, double centerX, double centerY, double radius)
    {
        float[] sums = new float[side * side];
        List<double> crossings = [];
        for (int line = 0; line < side * RowSamples; line++)
        {
            double y = (line + 0.5) / RowSamples;
            crossings.Clear();
            foreach (ImmutableArray<OutlinePoint> contour in outline)
            {
                AddCrossings(contour, centerX, centerY, radius, y, crossings);
            }

            crossings.Sort();
            Span<float> row = sums.AsSpan(line / RowSamples * side, side);
            for (int i = 0; i + 1 < crossings.Count; i += 2)
            {
                AddSpan(row, crossings[i], crossings[i + 1]);
            }
        }

        return new ShapeMask(side, [.. sums.Select(sum => (byte)Math.Clamp(sum * 255 / RowSamples + 0.5f, 0, 255))]);
    }

    private static void AddCrossings(
        ImmutableArray<OutlinePoint> contour, double centerX, double centerY, double radius, double y, List<double> crossings)
    {
        OutlinePoint from = contour[^1];
        foreach (OutlinePoint to in contour)
        {
            double y0 = centerY + radius * from.Y;
            double y1 = centerY + radius * to.Y;
            if ((y0 <= y) != (y1 <= y))
            {
                crossings.Add(centerX + radius * (from.X + (to.X - from.X) * (y - y0) / (y1 - y0)));
            }

            from = to;
        }
    }

    private static void AddSpan(Span<float> row, double start, double end)
    {
        int last = Math.Min((int)Math.Floor(end), row.Length - 1);
        for (int x = Math.Max((int)Math.Floor(start), 0); x <= last; x++)
        {
            row[x] += (float)Math.Max(0, Math.Min(end, x + 1) - Math.Max(start, x));
        }
    }
}
