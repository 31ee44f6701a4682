using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Rendering;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>
/// The window of a cell: the picture's difference from the background, and the background, at full, half and quarter size, three
/// planes each.
/// </summary>
internal sealed class CellWindow
{
    /// <summary>The side of the window.</summary>
    public const int Side = ThingGeometry.Pitch;

    /// <summary>The distance from one row to the next.</summary>
    public const int Stride = 64;

    /// <summary>The values of a plane.</summary>
    public const int Area = Side * Stride;

    /// <summary>The side at half size.</summary>
    public const int HalfSide = Side / 2;

    /// <summary>The distance from one row to the next at half size.</summary>
    public const int HalfStride = 32;

    /// <summary>The values of a plane at half size.</summary>
    public const int HalfArea = HalfSide * HalfStride;

    /// <summary>The side at quarter size.</summary>
    public const int QuarterSide = Side / 4;

    /// <summary>The values of a plane at quarter size, with a few unused ones behind.</summary>
    public const int QuarterArea = (QuarterSide * QuarterSide + 15) / 16 * 16;

    /// <summary>Initializes the window of a cell.</summary>
    public CellWindow(Cell cell, GroundReading ground)
    {
        Cell = cell;
        Left = ThingGeometry.Center(cell.Column) - Side / 2;
        Top = ThingGeometry.Center(cell.Row) - Side / 2;
        for (int channel = 0; channel < 3; channel++)
        {
            Copy(ground.Difference.Plane(channel), Difference.AsSpan(channel * Area, Area));
            Copy(ground.Ground.Plane(channel), Ground.AsSpan(channel * Area, Area));
            Shrink(Difference, HalfDifference, QuarterDifference, channel);
            Shrink(Ground, HalfGround, QuarterGround, channel);
            Smoothing.Narrow(QuarterDifference.AsSpan(channel * QuarterArea, QuarterSide * QuarterSide), QuarterSide);
        }
    }

    /// <summary>The cell.</summary>
    public Cell Cell { get; }

    /// <summary>The first column in the picture.</summary>
    public int Left { get; }

    /// <summary>The first row in the picture.</summary>
    public int Top { get; }

    public float[] Difference { get; } = new float[3 * Area];

    public float[] Ground { get; } = new float[3 * Area];

    public float[] HalfDifference { get; } = new float[3 * HalfArea];

    public float[] HalfGround { get; } = new float[3 * HalfArea];

    public float[] QuarterDifference { get; } = new float[3 * QuarterArea];

    public float[] QuarterGround { get; } = new float[3 * QuarterArea];

    /// <summary>The sum of the squared differences.</summary>
    public double Energy => Squares().Sum(value => (double)value);

    /// <summary>Computes how much there is beside the background where there is most: 0 for nothing but noise.</summary>
    public float Presence(float noise) => LocalResidue.Worst(Squares(), new float[Area], Stride, Side, noise);

    private float[] Squares()
    {
        float[] squares = new float[Area];
        for (int i = 0; i < Difference.Length; i++)
        {
            squares[i % Area] += Difference[i] * Difference[i];
        }

        return squares;
    }

    private void Copy(ReadOnlySpan<float> plane, Span<float> window)
    {
        for (int y = 0; y < Side; y++)
        {
            plane.Slice((Top + y) * SmoothPicture.Side + Left, Side).CopyTo(window[(y * Stride)..]);
        }
    }

    private static void Shrink(float[] full, float[] half, float[] quarter, int channel)
    {
        Span<float> halfPlane = half.AsSpan(channel * HalfArea, HalfArea);
        Smoothing.Halve(full.AsSpan(channel * Area, Area), Stride, halfPlane, HalfStride, HalfSide);
        Smoothing.Halve(halfPlane, HalfStride, quarter.AsSpan(channel * QuarterArea, QuarterArea), QuarterSide, QuarterSide);
    }
}
