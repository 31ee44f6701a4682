namespace NexusGen.Imaging;

/// <summary>
/// An immutable image in managed memory: 8 bits each for red, green and blue, interleaved, with rows from top to bottom without
/// padding. It can be shared between threads. Two images are equal if their sizes and all their pixels are equal. An image that
/// was read from a file with alpha has the stored colors as its pixels and remembers alpha: questions and conversations lay it
/// over white, edits and training take the stored colors, as the official scripts do.
/// </summary>
public sealed class RgbImage : IEquatable<RgbImage>
{
    /// <summary>The number of channels, which is also the number of bytes per pixel.</summary>
    public const int Channels = 3;

    private readonly byte[] _pixels;
    private readonly byte[]? _alpha;

    private RgbImage(byte[] pixels, int width, int height, byte[]? alpha = null)
    {
        _pixels = pixels;
        _alpha = alpha;
        Width = width;
        Height = height;
    }

    /// <summary>Gets the width in pixels, at least 1.</summary>
    public int Width { get; }

    /// <summary>Gets the height in pixels, at least 1.</summary>
    public int Height { get; }

    /// <summary>Gets all pixels: Height × Width × 3 bytes.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    internal ReadOnlyMemory<byte> Memory => _pixels;

    /// <summary>Gets alpha, Height × Width bytes from 0 (transparent) to 255, or nothing for an opaque image.</summary>
    internal ReadOnlySpan<byte> Alpha => _alpha;

    /// <summary>Gets the red, green and blue values of a pixel.</summary>
    /// <param name="x">The column, from 0 at the left.</param>
    /// <param name="y">The row, from 0 at the top.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is outside the image.</exception>
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

    /// <summary>Creates an image from a copy of the specified bytes.</summary>
    /// <param name="rgb">Height × width × 3 bytes: red, green and blue of each pixel, row by row.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="ImagingException">A side is below 1, or the number of bytes doesn't match the size.</exception>
    public static RgbImage FromBytes(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (rgb.Length != ByteCount(width, height))
        {
            throw new ImagingException(
                $"An image of {width}×{height} takes {ByteCount(width, height)} bytes, but {rgb.Length} were given.");
        }

        return new RgbImage(rgb.ToArray(), width, height);
    }

    /// <summary>Returns a row of pixels: Width × 3 bytes.</summary>
    /// <param name="y">The row, from 0 at the top.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<byte> Row(int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
        return _pixels.AsSpan(y * Width * Channels, Width * Channels);
    }

    /// <summary>Returns a copy of a part of the image.</summary>
    /// <param name="left">The first column.</param>
    /// <param name="top">The first row.</param>
    /// <param name="width">The number of columns.</param>
    /// <param name="height">The number of rows.</param>
    /// <exception cref="ImagingException">The part is empty or not inside the image.</exception>
    public RgbImage Crop(int left, int top, int width, int height)
    {
        if (left < 0 || top < 0 || width < 1 || height < 1 || width > Width - left || height > Height - top)
        {
            throw new ImagingException(
                $"The part {width}×{height} at ({left}, {top}) is not inside the image of {Width}×{Height}.");
        }

        var pixels = new byte[width * height * Channels];
        for (int y = 0; y < height; y++)
        {
            Row(top + y).Slice(left * Channels, width * Channels).CopyTo(pixels.AsSpan(y * width * Channels));
        }

        if (_alpha is null)
        {
            return new RgbImage(pixels, width, height);
        }

        var alpha = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            _alpha.AsSpan(((top + y) * Width) + left, width).CopyTo(alpha.AsSpan(y * width));
        }

        return new RgbImage(pixels, width, height, alpha);
    }

    /// <inheritdoc/>
    public bool Equals(RgbImage? other) =>
        other is not null && Width == other.Width && Height == other.Height && Pixels.SequenceEqual(other.Pixels)
        && Alpha.SequenceEqual(other.Alpha);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RgbImage);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Width);
        hash.Add(Height);
        hash.AddBytes(Pixels);
        hash.AddBytes(Alpha);
        return hash.ToHashCode();
    }

    /// <summary>Returns the size as "width×height".</summary>
    public override string ToString() => $"{Width}×{Height}";

    /// <summary>
    /// Returns the image laid over white, as <c>to_rgb</c> of qwen_vl_utils does with images of mode RGBA; the same image if it
    /// is opaque. Blends as <c>Image.paste</c> of Pillow: color · alpha + 255 · (255 − alpha), divided by 255 and rounded.
    /// </summary>
    internal RgbImage OverWhite()
    {
        if (_alpha is null)
        {
            return this;
        }

        byte[] blended = Allocate(Width, Height);
        for (int i = 0; i < blended.Length; i++)
        {
            int alpha = _alpha[i / Channels];
            int sum = (_pixels[i] * alpha) + (255 * (255 - alpha)) + 128;
            blended[i] = (byte)(((sum >> 8) + sum) >> 8);
        }

        return new RgbImage(blended, Width, Height);
    }

    /// <summary>Returns alpha as an image of grays.</summary>
    internal RgbImage Opacity()
    {
        byte[] grays = Allocate(Width, Height);
        for (int i = 0; i < grays.Length; i++)
        {
            grays[i] = _alpha is null ? (byte)255 : _alpha[i / Channels];
        }

        return new RgbImage(grays, Width, Height);
    }

    /// <summary>Returns the image with the alpha that the red values of another one give; opaque if all are 255.</summary>
    /// <param name="opacity">An image of the same size.</param>
    internal RgbImage WithAlpha(RgbImage opacity)
    {
        if (opacity.Width != Width || opacity.Height != Height)
        {
            throw new ArgumentException("The sizes differ.", nameof(opacity));
        }

        var alpha = new byte[_pixels.Length / Channels];
        for (int i = 0; i < alpha.Length; i++)
        {
            alpha[i] = opacity._pixels[i * Channels];
        }

        return alpha.AsSpan().IndexOfAnyExcept((byte)255) < 0 ? this : new RgbImage(_pixels, Width, Height, alpha);
    }

    /// <summary>Creates an image that takes ownership of an array, which must not be modified afterwards.</summary>
    internal static RgbImage Wrap(byte[] pixels, int width, int height) =>
        pixels.Length == ByteCount(width, height)
            ? new RgbImage(pixels, width, height)
            : throw new ArgumentException("The array does not fit the size.", nameof(pixels));

    /// <summary>Allocates an uninitialized array for an image of the specified size.</summary>
    internal static byte[] Allocate(int width, int height) =>
        GC.AllocateUninitializedArray<byte>(checked((int)ByteCount(width, height)));

    private static long ByteCount(int width, int height) =>
        width >= 1 && height >= 1
            ? (long)width * height * Channels
            : throw new ImagingException($"An image must have sides of at least 1 pixel, not {width}×{height}.");
}
