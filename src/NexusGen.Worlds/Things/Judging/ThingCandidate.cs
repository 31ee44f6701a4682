namespace NexusGen.Worlds.Things.Judging;

/// <summary>What a cell may hold: a thing in a look and a size.</summary>
/// <param name="Thing">The thing.</param>
/// <param name="Colour">Its colour; null for its natural look.</param>
/// <param name="Size">Its size.</param>
internal sealed record ThingCandidate(Thing Thing, ThingColour? Colour, ThingSize Size)
{
    /// <summary>All candidates.</summary>
    public static ThingCandidate[] All { get; } =
        [.. from thing in ThingCatalogue.Things
            from look in Enumerable.Range(0, ThingCatalogue.Colours.Length + 1)
            from size in Enum.GetValues<ThingSize>()
            select new ThingCandidate(thing, look == 0 ? null : ThingCatalogue.Colours[look - 1], size)];

    /// <summary>
    /// Whether another candidate counts as the same: equal, or one in its natural look and the other in its dominant colour.
    /// </summary>
    public bool CountsAs(ThingCandidate other) => Thing == other.Thing && Size == other.Size
        && (Colour ?? Thing.Dominant) == (other.Colour ?? Thing.Dominant);
}
