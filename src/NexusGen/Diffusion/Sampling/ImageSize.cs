using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Diffusion.Sampling;

/// <summary>
/// The size of a generated image. The sides are multiples of the side of a latent patch: 16 pixels in the official model.
/// </summary>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
internal readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>The side of a latent patch of the official model, in pixels.</summary>
    public const int Multiple = 16;

    /// <summary>The maximum side in pixels.</summary>
    public const int MaxSide = 8192;

    /// <summary>Gets the size as that of an image.</summary>
    public PixelSize Pixels => new(Width, Height);

    /// <summary>Creates a size with both sides rounded up to the next multiple, as in the official code.</summary>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <param name="multiple">The side of a latent patch in pixels.</param>
    /// <exception cref="NexusGenException">A side is below 1 or too large.</exception>
    public static ImageSize RoundedUp(int width, int height, int multiple = Multiple) =>
        new(Round(width, multiple, "width"), Round(height, multiple, "height"));

    private static int Round(int side, int multiple, string name) => side is >= 1 and <= MaxSide
        ? (side + multiple - 1) / multiple * multiple
        : throw new NexusGenException($"The {name} is {side} pixels, but it must be between 1 and {MaxSide}.");
}
