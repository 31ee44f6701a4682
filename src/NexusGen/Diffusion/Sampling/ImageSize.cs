using NexusGen.Core;

namespace NexusGen.Diffusion.Sampling;

/// <summary>The size of a generated image. The sides are multiples of 16, the side of a latent patch in pixels.</summary>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
internal readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>The factor of both sides.</summary>
    public const int Multiple = 16;

    /// <summary>The maximum side in pixels.</summary>
    public const int MaxSide = 8192;

    /// <summary>Creates a size with both sides rounded up to the next multiple, as in the official code.</summary>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="NexusGenException">A side is below 1 or too large.</exception>
    public static ImageSize RoundedUp(int width, int height) => new(Round(width, "width"), Round(height, "height"));

    private static int Round(int side, string name) => side is >= 1 and <= MaxSide
        ? (side + Multiple - 1) / Multiple * Multiple
        : throw new NexusGenException($"The {name} is {side} pixels, but it must be between 1 and {MaxSide}.");
}
