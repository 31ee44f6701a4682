namespace NexusGen.Worlds.Judging;

/// <summary>A connected patch of pixels that aren't background.</summary>
internal sealed class Blob
{
    private Blob(int label, List<int> pixels)
    {
        Label = label;
        Pixels = pixels;
        Left = pixels.Min(p => p % PixelPlane.Side);
        Right = pixels.Max(p => p % PixelPlane.Side);
        Top = pixels[0] / PixelPlane.Side;
        Bottom = pixels.Max(p => p / PixelPlane.Side);
    }

    /// <summary>1 and up; 0 is background.</summary>
    public int Label { get; }

    public List<int> Pixels { get; }

    public int Left { get; }

    public int Right { get; }

    public int Top { get; }

    public int Bottom { get; }

    /// <summary>Finds all patches; neighbours share a side. Each pixel's label is written to <paramref name="labels"/>.</summary>
    public static List<Blob> FindAll(PixelPlane plane, int[] labels)
    {
        List<Blob> blobs = [];
        Stack<int> open = new();
        for (int start = 0; start < labels.Length; start++)
        {
            if (plane.IsObject[start] && labels[start] == 0)
            {
                int label = blobs.Count + 1;
                blobs.Add(new Blob(label, Flood(plane, labels, start, label, open)));
            }
        }

        return blobs;
    }

    private static List<int> Flood(PixelPlane plane, int[] labels, int start, int label, Stack<int> open)
    {
        List<int> pixels = [];
        labels[start] = label;
        open.Push(start);
        while (open.TryPop(out int pixel))
        {
            pixels.Add(pixel);
            (int y, int x) = Math.DivRem(pixel, PixelPlane.Side);
            Visit(x > 0, pixel - 1);
            Visit(x < PixelPlane.Side - 1, pixel + 1);
            Visit(y > 0, pixel - PixelPlane.Side);
            Visit(y < PixelPlane.Side - 1, pixel + PixelPlane.Side);
        }

        return pixels;

        void Visit(bool inside, int pixel)
        {
            if (inside && plane.IsObject[pixel] && labels[pixel] == 0)
            {
                labels[pixel] = label;
                open.Push(pixel);
            }
        }
    }
}
