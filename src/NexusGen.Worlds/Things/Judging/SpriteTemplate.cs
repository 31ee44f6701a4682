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
    public const int Stride = 96;

    /// <summary>The values of a plane.</summary>
    public const int Area = Stride * Stride;

    /// <summary>Makes the template of a candidate.</summary>
    public SpriteTemplate(ThingCandidate candidate)
    {
        byte[] sprite = Sprites.Of(new PlacedThing(candidate.Thing, candidate.Colour, candidate.Size, Cell.Center));
        int side = ThingGeometry.SpriteSide(candidate.Size);
        int corner = Margin + (CellWindow.Side - side) / 2;
        Planes = new float[4 * Area];
        for (int i = 0; i < side * side; i++)
        {
            int to = (corner + i / side) * Stride + corner + i % side;
            Planes[to] = sprite[4 * i];
            Planes[Area + to] = sprite[4 * i + 1];
            Planes[2 * Area + to] = sprite[4 * i + 2];
            Planes[3 * Area + to] = sprite[4 * i + 3] / 255f;
        }

        for (int plane = 0; plane < 4; plane++)
        {
            Smoothing.Wide(Planes.AsSpan(plane * Area, Area), Stride);
            Smoothing.Narrow(Planes.AsSpan(plane * Area, Area), Stride);
        }
    }

    /// <summary>Red, green, blue and alpha, one after the other.</summary>
    public float[] Planes { get; }
}
