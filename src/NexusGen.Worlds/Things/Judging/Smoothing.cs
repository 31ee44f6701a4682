using System.Numerics;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>Small binomial filters on planes of floats, close to Gaussians of variance 1 and 1/2.</summary>
internal static class Smoothing
{
    private static readonly float[] Five = [1f / 16, 4f / 16, 6f / 16, 4f / 16, 1f / 16];
    private static readonly float[] Three = [1f / 4, 2f / 4, 1f / 4];

    /// <summary>Smooths a plane in place with variance 1. Beyond its border its last pixels continue it.</summary>
    public static void Wide(Span<float> plane, int width) => Apply(plane, width, Five);

    /// <summary>Smooths a plane in place with variance 1/2. Beyond its border its last pixels continue it.</summary>
    public static void Narrow(Span<float> plane, int width) => Apply(plane, width, Three);

    /// <summary>Halves both sides of a plane: each value is the mean of 2 by 2.</summary>
    public static void Halve(ReadOnlySpan<float> plane, int stride, Span<float> half, int halfStride, int halfSide)
    {
        for (int y = 0; y < halfSide; y++)
        {
            ReadOnlySpan<float> upper = plane.Slice(2 * y * stride, 2 * halfSide);
            ReadOnlySpan<float> lower = plane.Slice((2 * y + 1) * stride, 2 * halfSide);
            for (int x = 0; x < halfSide; x++)
            {
                half[y * halfStride + x] = 0.25f * (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
            }
        }
    }

    private static void Apply(Span<float> plane, int width, float[] kernel)
    {
        int height = plane.Length / width;
        int reach = kernel.Length / 2;
        float[] row = new float[width + 2 * reach];
        for (int y = 0; y < height; y++)
        {
            Span<float> line = plane.Slice(y * width, width);
            line.CopyTo(row.AsSpan(reach));
            row.AsSpan(0, reach).Fill(line[0]);
            row.AsSpan(reach + width).Fill(line[^1]);
            line.Clear();
            for (int k = 0; k < kernel.Length; k++)
            {
                AddScaled(line, row.AsSpan(k, width), kernel[k]);
            }
        }

        float[] copy = plane.ToArray();
        plane.Clear();
        for (int y = 0; y < height; y++)
        {
            for (int k = 0; k < kernel.Length; k++)
            {
                int from = Math.Clamp(y + k - reach, 0, height - 1);
                AddScaled(plane.Slice(y * width, width), copy.AsSpan(from * width, width), kernel[k]);
            }
        }
    }

    private static void AddScaled(Span<float> sum, ReadOnlySpan<float> values, float factor)
    {
        int i = 0;
        for (; i + Vector<float>.Count <= sum.Length; i += Vector<float>.Count)
        {
            (new Vector<float>(sum[i..]) + factor * new Vector<float>(values[i..])).CopyTo(sum[i..]);
        }

        for (; i < sum.Length; i++)
        {
            sum[i] += factor * values[i];
        }
    }
}
