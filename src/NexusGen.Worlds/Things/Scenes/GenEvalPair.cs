namespace NexusGen.Worlds.Things.Scenes;

/// <summary>Two things that a prompt of GenEval asks for together.</summary>
/// <param name="First">The first class.</param>
/// <param name="FirstColour">The colour of the first; any where null.</param>
/// <param name="Second">The second class.</param>
/// <param name="SecondColour">The colour of the second; any where null.</param>
public sealed record GenEvalPair(Thing First, ThingColour? FirstColour, Thing Second, ThingColour? SecondColour)
{
    /// <summary>Whether a thing is the first of the pair.</summary>
    internal bool IsFirst(PlacedThing placed) => Is(placed, First, FirstColour);

    /// <summary>Whether a thing is the second of the pair.</summary>
    internal bool IsSecond(PlacedThing placed) => Is(placed, Second, SecondColour);

    private static bool Is(PlacedThing placed, Thing thing, ThingColour? colour) =>
        placed.Thing == thing && (colour is null || placed.ApparentColour == colour);
}
