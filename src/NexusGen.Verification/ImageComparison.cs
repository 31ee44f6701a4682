using NexusGen.Imaging;

namespace NexusGen.Verification;

/// <summary>Compares a computed image with the expected one.</summary>
internal static class ImageComparison
{
    private const int OneInAHundredBelow = 3;

    /// <summary>
    /// Compares two images. No value may differ by more than the levels of the tolerance. If that is below 3, at most one value
    /// in a hundred may differ at all, which distinguishes truncation from rounding.
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
