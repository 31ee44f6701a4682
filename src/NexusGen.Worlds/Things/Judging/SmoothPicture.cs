using NexusGen.Worlds.Things.Rendering;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>A picture as three planes of floats, 0 to 255, smoothed a little against noise.</summary>
internal sealed class SmoothPicture
{
    /// <summary>The side of the picture.</summary>
    public const int Side = ThingGeometry.Side;

    /// <summary>The number of pixels.</summary>
    public const int Area = Side * Side;

    /// <summary>Initializes the planes of a picture.</summary>
    public SmoothPicture(ReadOnlySpan<byte> rgb)
    {
        Values = new float[3 * Area];
        for (int i = 0; i < Area; i++)
        {
            Values[i] = rgb[3 * i];
            Values[Area + i] = rgb[3 * i + 1];
            Values[2 * Area + i] = rgb[3 * i + 2];
        }

        for (int channel = 0; channel < 3; channel++)
        {
            Smoothing.Wide(Plane(channel), Side);
        }
    }

    private SmoothPicture(float[] values) => Values = values;

    /// <summary>The planes one after the other: 3 · 192 · 192 values.</summary>
    public float[] Values { get; }

    /// <summary>Returns one plane.</summary>
    public Span<float> Plane(int channel) => Values.AsSpan(channel * Area, Area);

    /// <summary>Returns the sum of the squares of a pixel's three values.</summary>
    public float SquareAt(int pixel)
    {
        (float r, float g, float b) = (Values[pixel], Values[Area + pixel], Values[2 * Area + pixel]);
        return r * r + g * g + b * b;
    }

    /// <summary>Computes the differences from another picture.</summary>
    public SmoothPicture Minus(SmoothPicture other) => Mixed(other, 1, -1);

    /// <summary>Computes a mixture with another picture.</summary>
    /// <param name="other">The other picture.</param>
    /// <param name="share">Its share, 0 to 1.</param>
    public SmoothPicture Mixed(SmoothPicture other, float share) => Mixed(other, 1 - share, share);

    /// <summary>Adds a colour to all pixels.</summary>
    public SmoothPicture Plus(ReadOnlySpan<float> colour)
    {
        float[] values = new float[Values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Values[i] + colour[i / Area];
        }

        return new SmoothPicture(values);
    }

    /// <summary>Computes the picture a little more blurred.</summary>
    public SmoothPicture Softer()
    {
        SmoothPicture soft = new([.. Values]);
        for (int channel = 0; channel < 3; channel++)
        {
            Smoothing.Narrow(soft.Plane(channel), Side);
        }

        return soft;
    }

    /// <summary>Computes the picture moved by a part of a pixel.</summary>
    /// <param name="shiftX">To the right, −1 to 1.</param>
    /// <param name="shiftY">Down, −1 to 1.</param>
    public SmoothPicture Moved(float shiftX, float shiftY)
    {
        SmoothPicture moved = new([.. Values]);
        for (int channel = 0; channel < 3; channel++)
        {
            Move(moved.Plane(channel), shiftX, shiftY);
        }

        return moved;
    }

    private SmoothPicture Mixed(SmoothPicture other, float own, float others)
    {
        float[] values = new float[Values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = own * Values[i] + others * other.Values[i];
        }

        return new SmoothPicture(values);
    }

    private static void Move(Span<float> plane, float shiftX, float shiftY)
    {
        float[] copy = plane.ToArray();
        (int stepX, int stepY) = (Math.Sign(shiftX), Math.Sign(shiftY));
        (float partX, float partY) = (Math.Abs(shiftX), Math.Abs(shiftY));
        for (int y = 0; y < Side; y++)
        {
            int here = y * Side, above = Math.Clamp(y - stepY, 0, Side - 1) * Side;
            for (int x = 0; x < Side; x++)
            {
                int before = Math.Clamp(x - stepX, 0, Side - 1);
                float near = copy[here + x] + partX * (copy[here + before] - copy[here + x]);
                float far = copy[above + x] + partX * (copy[above + before] - copy[above + x]);
                plane[here + x] = near + partY * (far - near);
            }
        }
    }
}
