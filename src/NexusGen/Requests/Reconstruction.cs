using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A picture after its way through the embeddings.</summary>
/// <param name="Original">The picture as the decoder should have painted it: cropped, at the output's size.</param>
/// <param name="Picture">What it painted.</param>
/// <param name="Psnr">Peak signal-to-noise ratio in dB; the higher, the closer.</param>
/// <param name="Ssim">Structural similarity, 1 where they are equal.</param>
public sealed record Reconstruction(RgbImage Original, DrawnPicture Picture, double Psnr, double Ssim);
