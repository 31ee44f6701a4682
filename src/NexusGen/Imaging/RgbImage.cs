namespace NexusGen.Imaging;

/// <summary>
/// A picture in plain managed memory: 8 bits for each of red, green and blue, interleaved, rows from top to bottom without
/// padding. It never changes after it was made, so it may be shared between threads. Two pictures are equal when their sizes
/// and all their pixels are.
/// </summary>
public sealed class RgbImage : IEquatable<RgbImage>
{
    /// <summary>Bytes per pixel.</summary>
    public const int Channels = 3;

    private readonly byte[] _pixels;

    private RgbImage(byte[] pixels, int width, int height)
    {
        _pixels = pixels;
        Width = width;
        Height = height;
    }

    /// <summary>Columns of pixels, at least 1.</summary>
    public int Width { get; }

    /// <summary>Rows of pixels, at least 1.</summary>
    public int Height { get; }

    /// <summary>All pixels: Height × Width × 3 bytes.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    internal ReadOnlyMemory<byte> Memory => _pixels;

    /// <summary>The red, green and blue of one pixel.</summary>
    /// <param name="x">Column, from 0 at the left.</param>
    /// <param name="y">Row, from 0 at the top.</param>
    /// <exception cref="ArgumentOutOfRangeException">The place lies outside the picture.</exception>
    public (byte Red, byte Green, byte Blue) this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(x);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(x, Width);
            ReadOnlySpan<byte> pixel = Row(y).Slice(x * Channels, Channels);
            return (pixel[0], pixel[1], pixel[2]);
        }
    }

    /// <summary>A picture with a copy of the given bytes.</summary>
    /// <param name="rgb">Height × width × 3 bytes: red, green, blue of each pixel, row after row.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ImagingException">A side is below 1, or the number of bytes does not fit the size.</exception>
    public static RgbImage FromBytes(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (rgb.Length != ByteCount(width, height))
        {
            throw new ImagingException(
                $"A picture of {width}×{height} takes {ByteCount(width, height)} bytes, but {rgb.Length} were given.");
        }

        return new RgbImage(rgb.ToArray(), width, height);
    }

    /// <summary>One row of pixels: Width × 3 bytes.</summary>
    /// <param name="y">The row, from 0 at the top.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<byte> Row(int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
        return _pixels.AsSpan(y * Width * Channels, Width * Channels);
    }

    /// <summary>A part of the picture.</summary>
    /// <param name="left">Its first column.</param>
    /// <param name="top">Its first row.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="height">Its rows.</param>
    /// <exception cref="ImagingException">The part is empty or reaches outside the picture.</exception>
    public RgbImage Crop(int left, int top, int width, int height)
    {
        if (left < 0 || top < 0 || width < 1 || height < 1 || width > Width - left || height > Height - top)
        {
            throw new ImagingException(
                $"The part {width}×{height} at ({left}, {top}) does not lie inside the picture of {Width}×{Height}.");
        }

        var pixels = new byte[width * height * Channels];
        for (int y = 0; y < height; y++)
        {
            Row(top + y).Slice(left * Channels, width * Channels).CopyTo(pixels.AsSpan(y * width * Channels));
        }

        return new RgbImage(pixels, width, height);
    }

    /// <inheritdoc/>
    public bool Equals(RgbImage? other) =>
        other is not null && Width == other.Width && Height == other.Height && Pixels.SequenceEqual(other.Pixels);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RgbImage);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Width);
        hash.Add(Height);
        hash.AddBytes(Pixels);
        return hash.ToHashCode();
    }

    /// <summary>The size, as "width×height".</summary>
    public override string ToString() => $"{Width}×{Height}";

    /// <summary>Takes over an array that nobody else will write to.</summary>
    internal static RgbImage Wrap(byte[] pixels, int width, int height) =>
        pixels.Length == ByteCount(width, height)
            ? new RgbImage(pixels, width, height)
            : throw new ArgumentException("The array does not fit the size.", nameof(pixels));

    /// <summary>An array for a picture of that size, its content undefined.</summary>
    internal static byte[] Allocate(int width, int height) =>
        GC.AllocateUninitializedArray<byte>(checked((int)ByteCount(width, height)));

    private static long ByteCount(int width, int height) =>
        width >= 1 && height >= 1
            ? (long)width * height * Channels
            : throw new ImagingException($"A picture needs sides of at least 1 pixel, not {width}×{height}.");
}
