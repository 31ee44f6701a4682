using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>
/// A sprite in the middle of a window as four planes: red, green and blue, premultiplied, and alpha, 0 to 1. It is smoothed as a
/// picture of middling sharpness is by <see cref="SmoothPicture"/>, and has a margin in which it can be moved.
/// </summary>
internal sealed class SpriteTemplate
{
    /// <summary>The margin on each side of the window.</summary>
    public const int Margin = 8;

    /// <summary>The side with both margins, and the distance from one row to the next.</summary>
    public const int Stride = 80;

    /// <summary>The values of a plane.</summary>
    public const int Area = Stride * Stride;

    // As far as both smoothings reach beyond the sprite.
    private const int Spread = 3;

    /// <summary>Makes the template of a candidate.</summary>
    public SpriteTemplate(ThingCandidate candidate)
    {
        byte[] sprite = Sprites.Of(new PlacedThing(candidate.Thing, candidate.Colour, candidate.Size, Cell.Center));
        int side = ThingGeometry.SpriteSide(candidate.Size), width = side + 2 * Spread;
        int corner = Margin + (CellWindow.Side - width) / 2;
        float[] small = new float[width * width];
        Planes = new float[4 * Area];
        for (int plane = 0; plane < 4; plane++)
        {
            Array.Clear(small);
            float scale = plane == 3 ? 1 / 255f : 1;
            for (int i = 0; i < side * side; i++)
            {
                small[(Spread + i / side) * width + Spread + i % side] = scale * sprite[4 * i + plane];
            }

            Smoothing.Wide(small, width);
            Smoothing.Narrow(small, width);
            for (int y = 0; y < width; y++)
            {
                int to = plane * Area + (corner + y) * Stride + corner;
                small.AsSpan(y * width, width).CopyTo(Planes.AsSpan(to));
            }
        }
    }

    /// <summary>Red, green, blue and alpha, one after the other.</summary>
    public float[] Planes { get; }
}
