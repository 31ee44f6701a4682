using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>An image that was encoded into embeddings and decoded again, compared with the original.</summary>
/// <param name="Original">The original image, scaled and cropped to the output's size.</param>
/// <param name="Image">The decoded image.</param>
/// <param name="Psnr">The peak signal-to-noise ratio in dB; the higher, the closer.</param>
/// <param name="Ssim">The structural similarity; 1 if the images are equal.</param>
public sealed record Reconstruction(RgbImage Original, OutputImage Image, double Psnr, double Ssim);
