using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>
/// The comparison of things. The natural look and the colour that dominates it count as the same, for a text may ask for either
/// and show both.
/// </summary>
internal sealed class ThingComparison : GridComparison<ThingBackground, PlacedThing, ReadThing>
{
    /// <summary>The one comparison.</summary>
    public static ThingComparison Instance { get; } = new();

    // A decoder's shift and a pixel of measurement.
    protected override double GreatestDrift => 4;

    protected override IEnumerable<FaultKind> Differences(ReadThing found, PlacedThing wanted)
    {
        bool sameThing = found.Thing == wanted.Thing;
        if (sameThing ? found.ApparentColour != wanted.ApparentColour : found.Colour != wanted.Colour)
        {
            yield return FaultKind.WrongColour;
        }

        if (!sameThing)
        {
            yield return FaultKind.WrongThing;
        }

        if (found.Size != wanted.Size)
        {
            yield return FaultKind.WrongSize;
        }
    }

    protected override (double X, double Y) PlaceOf(PlacedThing wanted) => (
        ThingGeometry.Center(wanted.Cell.Column) + wanted.JitterX, ThingGeometry.Center(wanted.Cell.Row) + wanted.JitterY);
}
