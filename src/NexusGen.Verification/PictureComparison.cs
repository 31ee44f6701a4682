using NexusGen.Imaging;

namespace NexusGen.Verification;

/// <summary>Compares a computed picture with an expected one.</summary>
internal static class PictureComparison
{
    private const int OneInAHundredBelow = 3;

    /// <summary>
    /// Compares: no pixel may differ by more than the tolerance's levels, and below 3 levels at most one in a hundred may differ
    /// at all, so that truncating and rounding are told apart.
    /// </summary>
    public static Deviation Compare(string what, RgbImage actual, RgbImage expected, Tolerance tolerance)
    {
        if (actual.Width != expected.Width || actual.Height != expected.Height)
        {
            return new Deviation(
                what, double.PositiveInfinity, false,
                $"{actual.Width}×{actual.Height} instead of {expected.Width}×{expected.Height}");
        }

        ReadOnlySpan<byte> a = actual.Pixels, b = expected.Pixels;
        int largest = 0, place = 0;
        long different = 0;
        for (int i = 0; i < a.Length; i++)
        {
            int difference = Math.Abs(a[i] - b[i]);
            different += difference > 0 ? 1 : 0;
            if (difference > largest)
            {
                (largest, place) = (difference, i);
            }
        }

        bool within = largest <= tolerance.Levels && (tolerance.Levels >= OneInAHundredBelow || different * 100 <= a.Length);
        int pixel = place / 3;
        string where = largest == 0
            ? ""
            : $"{different} of {a.Length} values differ, by {largest} at ({pixel % actual.Width}, {pixel / actual.Width})";
        return new Deviation(what, largest / 255.0, within, where);
    }
}
