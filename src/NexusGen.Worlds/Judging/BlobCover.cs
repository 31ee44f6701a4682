using NexusGen.Worlds.Rendering;

namespace NexusGen.Worlds.Judging;

/// <summary>
/// How much an object covers each pixel of a window around its blob, 0 to 1: the pixel's place on the line from the
/// background's colour to the object's. Other blobs' pixels count as uncovered.
/// </summary>
internal sealed class BlobCover
{
    private const int Margin = 2;

    public BlobCover(PixelPlane plane, int[] labels, Blob blob, Colour3 colour)
    {
        Left = Math.Max(0, blob.Left - Margin);
        Top = Math.Max(0, blob.Top - Margin);
        Width = Math.Min(PixelPlane.Side - 1, blob.Right + Margin) - Left + 1;
        Height = Math.Min(PixelPlane.Side - 1, blob.Bottom + Margin) - Top + 1;
        Values = new float[Width * Height];
        Colour3 line = colour - plane.Ground;
        float scale = 1 / Colour3.Dot(line, line);
        for (int i = 0; i < Values.Length; i++)
        {
            int pixel = (Top + i / Width) * PixelPlane.Side + Left + i % Width;
            if (labels[pixel] == blob.Label || (labels[pixel] == 0 && IsNear(labels, pixel, blob.Label)))
            {
                float value = Math.Clamp(scale * Colour3.Dot(plane[pixel] - plane.Ground, line), 0, 1);
                Values[i] = value;
                Mass += value;
                CenterX += value * (i % Width + 0.5);
                CenterY += value * (i / Width + 0.5);
            }
        }

        CenterX /= Mass;
        CenterY /= Mass;
    }

    /// <summary>The window's first column in the picture.</summary>
    public int Left { get; }

    /// <summary>The window's first row in the picture.</summary>
    public int Top { get; }

    public int Width { get; }

    public int Height { get; }

    public float[] Values { get; }

    public double Mass { get; }

    /// <summary>The centre of gravity, in the window.</summary>
    public double CenterX { get; }

    /// <summary>The same, down.</summary>
    public double CenterY { get; }

    // Antialiased pixels of the edge lie just outside of the blob.
    private static bool IsNear(int[] labels, int pixel, int label)
    {
        (int y, int x) = Math.DivRem(pixel, WorldGeometry.BaseSide);
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                bool inside = (uint)(x + dx) < PixelPlane.Side && (uint)(y + dy) < PixelPlane.Side;
                if (inside && labels[pixel + dy * PixelPlane.Side + dx] == label)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
