using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Imaging;

/// <summary>
/// Converts images to and from the tensors of the autoencoder, exactly as the base pipeline of DiffSynth does
/// (<c>preprocess_image</c> and <c>vae_output_to_image</c>).
/// </summary>
internal static class ImageTensor
{
    /// <summary>Converts an image to values from −1 to 1: x · 2/255 − 1 in float32.</summary>
    /// <param name="image">The image.</param>
    /// <returns>float32 [1, 3, H, W] on the CPU.</returns>
    public static Tensor FromImage(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        const float Step = (float)(2.0 / 255);
        Tensor tensor = empty(1, RgbImage.Channels, image.Height, image.Width, dtype: float32, device: CPU);
        Span<float> planes = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        ReadOnlySpan<byte> pixels = image.Pixels;
        int area = image.Width * image.Height;
        for (int i = 0; i < area; i++)
        {
            planes[i] = (pixels[3 * i] * Step) - 1;
            planes[area + i] = (pixels[(3 * i) + 1] * Step) - 1;
            planes[(2 * area) + i] = (pixels[(3 * i) + 2] * Step) - 1;
        }

        return tensor;
    }

    /// <summary>
    /// Converts values between about −1 and 1 to an image: x/2 + 0.5, clipped to 0…1, times 255, truncated (not rounded), in
    /// float32. NaN becomes 0.
    /// </summary>
    /// <param name="tensor">[3, H, W] or [1, 3, H, W] of any floating-point type, on any device.</param>
    /// <exception cref="ImagingException">The tensor has a different shape.</exception>
    public static RgbImage ToImage(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        long[] shape = tensor.shape;
        if (shape is not ([RgbImage.Channels, > 0, > 0] or [1, RgbImage.Channels, > 0, > 0]))
        {
            throw new ImagingException(
                $"An image must be a tensor [3, H, W] or [1, 3, H, W], not [{string.Join(", ", shape)}].");
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor values = tensor.to(float32).cpu().contiguous();
        ReadOnlySpan<float> planes = MemoryMarshal.Cast<byte, float>(values.bytes);
        int width = (int)shape[^1], height = (int)shape[^2], area = planes.Length / RgbImage.Channels;
        byte[] pixels = RgbImage.Allocate(width, height);
        for (int i = 0; i < area; i++)
        {
            pixels[3 * i] = ToLevel(planes[i]);
            pixels[(3 * i) + 1] = ToLevel(planes[area + i]);
            pixels[(3 * i) + 2] = ToLevel(planes[(2 * area) + i]);
        }

        return RgbImage.Wrap(pixels, width, height);
    }

    private static byte ToLevel(float value)
    {
        float unit = (value / 2) + 0.5f;
        return unit > 0 ? (byte)(Math.Min(unit, 1) * 255) : (byte)0;
    }
}
