using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>A thing that was read out of a picture.</summary>
/// <param name="Thing">What it is.</param>
/// <param name="Colour">Its colour; null for its natural look.</param>
/// <param name="Size">Its size.</param>
/// <param name="Cell">The cell in which it stands.</param>
/// <param name="CenterX">The middle of its box, in pixels from the left.</param>
/// <param name="CenterY">The middle of its box, in pixels from the top.</param>
/// <param name="Fit">How well its sprite fits, 0 to 1: the share of the picture's difference from the background that it
/// explains.</param>
public sealed record ReadThing(
    Thing Thing, ThingColour? Colour, ThingSize Size, Cell Cell, double CenterX, double CenterY, double Fit) : IReadObject
{
    /// <summary>The colour that it counts as: its own, or the dominant one of its natural look; null where it has none.</summary>
    public ThingColour? ApparentColour => Colour ?? Thing.Dominant;

    /// <summary>Returns the same as a thing of a scene, without its jitter.</summary>
    /// <returns>The thing.</returns>
    public PlacedThing ToPlaced() => new(Thing, Colour, Size, Cell);

    /// <inheritdoc/>
    public override string ToString() => ToPlaced().ToString();
}
