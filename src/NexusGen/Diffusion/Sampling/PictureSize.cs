using NexusGen.Core;

namespace NexusGen.Diffusion.Sampling;

/// <summary>The size of a picture that can be painted: sides are multiples of 16, a latent patch.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public readonly record struct PictureSize(int Width, int Height)
{
    /// <summary>What sides are multiples of.</summary>
    public const int Multiple = 16;

    /// <summary>The largest side.</summary>
    public const int MaxSide = 8192;

    /// <summary>A size with its sides rounded up, as the official code does.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="NexusGenException">A side is below 1 or too large.</exception>
    public static PictureSize RoundedUp(int width, int height) => new(Round(width, "width"), Round(height, "height"));

    private static int Round(int side, string name) => side is >= 1 and <= MaxSide
        ? (side + Multiple - 1) / Multiple * Multiple
        : throw new NexusGenException($"The {name} is {side} pixels, but it must be between 1 and {MaxSide}.");
}
