using System.Numerics;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>The templates of all candidates at half and at quarter size, made once (some tenths of a second and 40 MB).</summary>
internal sealed class TemplateBank
{
    /// <summary>The margin around a template at half size, in which it can be moved.</summary>
    public const int HalfMargin = 2;

    /// <summary>The rows at half size with both margins.</summary>
    public const int HalfRows = CellWindow.HalfSide + 2 * HalfMargin;

    /// <summary>The distance from one row to the next at half size.</summary>
    public const int HalfStride = 48;

    /// <summary>The values of a plane at half size.</summary>
    public const int HalfArea = HalfRows * HalfStride;

    private const int StoredHalf = CellWindow.HalfSide * CellWindow.HalfSide;
    private const int Quarter = 4 * CellWindow.QuarterArea;

    private static readonly Lazy<TemplateBank> Shared = new(() => new TemplateBank());

    private readonly byte[][] _half = new byte[ThingCandidate.All.Length][];
    private readonly float[] _quarter = new float[ThingCandidate.All.Length * Quarter];

    private TemplateBank() => Parallel.For(0, ThingCandidate.All.Length, Make);

    /// <summary>The one bank.</summary>
    public static TemplateBank Instance => Shared.Value;

    /// <summary>Computes how much of a window's difference a candidate leaves unexplained at quarter size, unmoved.</summary>
    /// <param name="index">The candidate's place in <see cref="ThingCandidate.All"/>.</param>
    /// <param name="window">The window.</param>
    /// <returns>A sum of squares.</returns>
    public float Error(int index, CellWindow window)
    {
        const int area = CellWindow.QuarterArea;
        ReadOnlySpan<float> alpha = _quarter.AsSpan(index * Quarter + 3 * area, area);
        Vector<float> sum = Vector<float>.Zero;
        for (int channel = 0; channel < 3; channel++)
        {
            ReadOnlySpan<float> colour = _quarter.AsSpan(index * Quarter + channel * area, area);
            ReadOnlySpan<float> difference = window.QuarterDifference.AsSpan(channel * area, area);
            ReadOnlySpan<float> ground = window.QuarterGround.AsSpan(channel * area, area);
            for (int at = 0; at < area; at += Vector<float>.Count)
            {
                Vector<float> left = new Vector<float>(difference[at..]) - new Vector<float>(colour[at..])
                    + new Vector<float>(alpha[at..]) * new Vector<float>(ground[at..]);
                sum += left * left;
            }
        }

        return Vector.Sum(sum);
    }

    /// <summary>Writes the template of a candidate at half size into planes with margins.</summary>
    /// <param name="index">The candidate's place in <see cref="ThingCandidate.All"/>.</param>
    /// <param name="planes">4 · <see cref="HalfArea"/> values, zero in the margins.</param>
    public void CopyHalf(int index, Span<float> planes)
    {
        for (int plane = 0; plane < 4; plane++)
        {
            float scale = plane == 3 ? 1 / 255f : 1;
            for (int y = 0; y < CellWindow.HalfSide; y++)
            {
                ReadOnlySpan<byte> from = _half[index].AsSpan(plane * StoredHalf + y * CellWindow.HalfSide, CellWindow.HalfSide);
                Span<float> to = planes[(plane * HalfArea + (HalfMargin + y) * HalfStride + HalfMargin)..];
                for (int x = 0; x < from.Length; x++)
                {
                    to[x] = scale * from[x];
                }
            }
        }
    }

    private void Make(int index)
    {
        const int half = CellWindow.HalfSide, quarter = CellWindow.QuarterSide;
        const int corner = SpriteTemplate.Margin * (SpriteTemplate.Stride + 1);
        float[] full = new SpriteTemplate(ThingCandidate.All[index]).Planes;
        float[] middle = new float[StoredHalf];
        _half[index] = new byte[4 * StoredHalf];
        for (int plane = 0; plane < 4; plane++)
        {
            float scale = plane == 3 ? 255 : 1;
            Smoothing.Halve(full.AsSpan(plane * SpriteTemplate.Area + corner), SpriteTemplate.Stride, middle, half, half);
            for (int i = 0; i < StoredHalf; i++)
            {
                _half[index][plane * StoredHalf + i] = (byte)(scale * middle[i] + 0.5f);
            }

            Span<float> small = _quarter.AsSpan(index * Quarter + plane * CellWindow.QuarterArea, quarter * quarter);
            Smoothing.Halve(middle, half, small, quarter, quarter);
            Smoothing.Narrow(small, quarter);
        }
    }
}
