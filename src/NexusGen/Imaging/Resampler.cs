using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NexusGen.Imaging;

/// <summary>
/// Implements <c>Image.resize</c> of Pillow for 8-bit RGB bit for bit (libImaging/Resample.c): fixed-point weights, each pass
/// rounded to 8 bits, the horizontal pass first, a widened filter when a side shrinks. Rows of the first pass are computed when
/// the second pass needs them and are kept only that long, so the memory besides the result is a few rows.
/// </summary>
public static class Resampler
{
    private const int Half = 1 << (ResampleWeights.PrecisionBits - 1);

    /// <summary>
    /// Resizes an image, without the alpha of one that was read from a file. Returns the same instance if the size doesn't
    /// change.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="height">The height of the result.</param>
    /// <param name="filter">The filter. Bicubic is the default of Pillow.</param>
    /// <exception cref="ImagingException">The result would have more than 178,956,970 pixels or need too much memory.</exception>
    public static RgbImage Resize(RgbImage image, int width, int height, ResampleFilter filter = ResampleFilter.Bicubic)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (filter is not (ResampleFilter.Bilinear or ResampleFilter.Bicubic))
        {
            throw new ArgumentOutOfRangeException(nameof(filter), filter, "Only bilinear and bicubic are supported.");
        }

        if ((long)width * height > ImageFile.MaxPixels)
        {
            throw new ImagingException(
                $"An image of {width}×{height} is too large: at most {ImageFile.MaxPixels} pixels are allowed.");
        }

        return (width == image.Width, height == image.Height) switch
        {
            (true, true) => image,
            (false, true) => ResizeRows(image, width, filter),
            _ => ResizeColumns(image, width, height, filter),
        };
    }

    /// <summary>Resizes an image and its alpha, each by itself. <see cref="Resize"/> drops alpha if the size changes.</summary>
    internal static RgbImage ResizeWithAlpha(RgbImage image, int width, int height, ResampleFilter filter)
    {
        RgbImage resized = Resize(image, width, height, filter);
        return image.Alpha.IsEmpty || ReferenceEquals(resized, image)
            ? resized
            : resized.WithAlpha(Resize(image.Opacity(), width, height, filter));
    }

    private static RgbImage ResizeRows(RgbImage image, int width, ResampleFilter filter)
    {
        byte[] pixels = RgbImage.Allocate(width, image.Height);
        var pass = new HorizontalPass(image, width, filter);
        int rowBytes = width * RgbImage.Channels;
        for (int y = 0; y < image.Height; y++)
        {
            pass.Row(y, pixels.AsSpan(y * rowBytes, rowBytes));
        }

        return RgbImage.Wrap(pixels, width, image.Height);
    }

    private static RgbImage ResizeColumns(RgbImage image, int width, int height, ResampleFilter filter)
    {
        var weights = new ResampleWeights(image.Height, height, filter);
        int rowBytes = width * RgbImage.Channels;
        byte[] pixels = RgbImage.Allocate(width, height);
        if (width == image.Width)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<int> column = weights.For(y, out int first);
                MixRows(image.Pixels, first * rowBytes, column, pixels.AsSpan(y * rowBytes, rowBytes));
            }

            return RgbImage.Wrap(pixels, width, height);
        }

        if ((long)weights.MaxCount * rowBytes > Array.MaxLength)
        {
            throw new ImagingException($"The image of {image} is too narrow to be resized to {width}×{height}; crop it.");
        }

        // A ring buffer: the horizontally resized source row r is stored at r modulo the maximum number of source rows of a
        // result row.
        var ring = new byte[weights.MaxCount * rowBytes];
        var pass = new HorizontalPass(image, width, filter);
        int made = 0;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<int> column = weights.For(y, out int first);
            for (made = Math.Max(made, first); made < first + column.Length; made++)
            {
                pass.Row(made, ring.AsSpan(made % weights.MaxCount * rowBytes, rowBytes));
            }

            MixRows(ring, first % weights.MaxCount * rowBytes, column, pixels.AsSpan(y * rowBytes, rowBytes));
        }

        return RgbImage.Wrap(pixels, width, height);
    }

    /// <summary>Computes a row as the weighted sum of consecutive rows from a start offset, cyclically.</summary>
    private static void MixRows(ReadOnlySpan<byte> rows, int start, ReadOnlySpan<int> weights, Span<byte> result)
    {
        int x = 0;
        for (; x <= result.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            Vector128<int> a = Vector128.Create(Half), b = a, c = a, d = a;
            int row = start;
            foreach (int weight in weights)
            {
                Vector128<byte> levels = Vector128.Create(rows.Slice(row + x, Vector128<byte>.Count));
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(levels);
                (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(low);
                (Vector128<uint> third, Vector128<uint> fourth) = Vector128.Widen(high);
                Vector128<int> factor = Vector128.Create(weight);
                a += first.AsInt32() * factor;
                b += second.AsInt32() * factor;
                c += third.AsInt32() * factor;
                d += fourth.AsInt32() * factor;
                row += result.Length;
                row = row == rows.Length ? 0 : row;
            }

            Vector128.Narrow(
                Vector128.Narrow(ToLevels(a), ToLevels(b)).AsUInt16(),
                Vector128.Narrow(ToLevels(c), ToLevels(d)).AsUInt16()).CopyTo(result[x..]);
        }

        for (; x < result.Length; x++)
        {
            int sum = Half, row = start;
            foreach (int weight in weights)
            {
                sum += rows[row + x] * weight;
                row += result.Length;
                row = row == rows.Length ? 0 : row;
            }

            result[x] = (byte)Math.Clamp(sum >> ResampleWeights.PrecisionBits, 0, 255);
        }
    }

    private static Vector128<int> ToLevels(Vector128<int> sums) =>
        Vector128.Min(Vector128.Max(sums >> ResampleWeights.PrecisionBits, Vector128<int>.Zero), Vector128.Create(255));

    /// <summary>Resizes single rows of an image.</summary>
    private sealed class HorizontalPass(RgbImage image, int width, ResampleFilter filter)
    {
        private readonly ResampleWeights _weights = new(image.Width, width, filter);

        // One byte more than a row, because a pixel is loaded as four bytes, the last of which belongs to the next pixel.
        private readonly byte[] _source = new byte[(image.Width * RgbImage.Channels) + 1];

        public void Row(int y, Span<byte> result)
        {
            image.Row(y).CopyTo(_source);
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<int> weights = _weights.For(x, out int first);
                Vector128<int> sum = Vector128.Create(Half);
                ReadOnlySpan<byte> run = _source.AsSpan(first * RgbImage.Channels, (weights.Length * RgbImage.Channels) + 1);
                ref byte pixel = ref MemoryMarshal.GetReference(run);
                foreach (int weight in weights)
                {
                    Vector128<byte> bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
                    sum += Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * weight;
                    pixel = ref Unsafe.Add(ref pixel, RgbImage.Channels);
                }

                Vector128<int> levels = ToLevels(sum);
                result[3 * x] = (byte)levels.GetElement(0);
                result[(3 * x) + 1] = (byte)levels.GetElement(1);
                result[(3 * x) + 2] = (byte)levels.GetElement(2);
            }
        }
    }
}
