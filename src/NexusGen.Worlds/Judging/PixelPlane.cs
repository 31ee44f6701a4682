using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;

namespace NexusGen.Worlds.Judging;

/// <summary>A picture at the base side as floats, its background's colour, and how far each pixel is from it.</summary>
internal sealed class PixelPlane
{
    public const int Side = WorldGeometry.BaseSide;

    // Pixels nearer to the background than this are background whatever they stand beside.
    private const float LeastDistance = 45;

    // A pixel of an object is at least this part as far from the background as the farthest pixel near it: the outline is
    // then where coverage is about this, whatever the contrast, and gaps between objects stay open under blur.
    private const float EdgeShare = 0.42f;
    private const int EdgeReach = 2;

    public PixelPlane(Picture picture)
    {
        int scale = picture.Width == picture.Height ? WorldGeometry.ScaleOf(picture.Width)
            : throw new WorldException($"The judge reads square pictures, not {picture.Width}x{picture.Height}.");
        Values = Reduce(picture, scale);
        Ground = Median(Values);
        Distance = new float[Side * Side];
        for (int i = 0; i < Distance.Length; i++)
        {
            Distance[i] = Colour3.Distance(this[i], Ground);
        }

        IsObject = Segment(Distance);
    }

    /// <summary>Side · side · 3 values, 0 to 255.</summary>
    public float[] Values { get; }

    /// <summary>The background's colour: the median of each channel, for objects never cover half of a picture.</summary>
    public Colour3 Ground { get; }

    /// <summary>Each pixel's distance from the background.</summary>
    public float[] Distance { get; }

    /// <summary>Whether a pixel belongs to an object.</summary>
    public bool[] IsObject { get; }

    public Colour3 this[int pixel] => new(Values[3 * pixel], Values[3 * pixel + 1], Values[3 * pixel + 2]);

    private static float[] Reduce(Picture picture, int scale)
    {
        float[] values = new float[3 * Side * Side];
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                int from = 3 * (y * picture.Width + x);
                int to = 3 * (y / scale * Side + x / scale);
                values[to] += picture.Rgb[from];
                values[to + 1] += picture.Rgb[from + 1];
                values[to + 2] += picture.Rgb[from + 2];
            }
        }

        for (int i = 0; scale > 1 && i < values.Length; i++)
        {
            values[i] /= scale * scale;
        }

        return values;
    }

    private static Colour3 Median(float[] values)
    {
        Span<int> counts = stackalloc int[3 * 256];
        counts.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            counts[i % 3 * 256 + (int)values[i]]++;
        }

        Span<float> median = stackalloc float[3];
        for (int channel = 0; channel < 3; channel++)
        {
            int seen = 0;
            int value = -1;
            while (2 * seen < Side * Side)
            {
                seen += counts[channel * 256 + ++value];
            }

            median[channel] = value;
        }

        return new Colour3(median[0], median[1], median[2]);
    }

    private static bool[] Segment(float[] distance)
    {
        float[] nearby = LocalMax(LocalMax(distance, 1), Side);
        bool[] result = new bool[distance.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = distance[i] > Math.Max(LeastDistance, EdgeShare * nearby[i]);
        }

        return result;
    }

    private static float[] LocalMax(float[] values, int step)
    {
        float[] result = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int place = i / step % Side;
            int first = Math.Max(-EdgeReach, -place);
            int last = Math.Min(EdgeReach, Side - 1 - place);
            for (int k = first; k <= last; k++)
            {
                result[i] = Math.Max(result[i], values[i + k * step]);
            }
        }

        return result;
    }
}
