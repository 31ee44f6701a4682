using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things.Scenes;

/// <summary>
/// One thing of a scene, exactly. Jitter moves it off the middle of its cell by whole pixels, at most <see cref="MaxJitter"/>
/// each way: little enough that things never touch.
/// </summary>
/// <param name="Thing">What it is.</param>
/// <param name="Colour">Its colour; null for its natural look.</param>
/// <param name="Size">Its size.</param>
/// <param name="Cell">Where it stands.</param>
/// <param name="JitterX">Pixels to the right.</param>
/// <param name="JitterY">Pixels down.</param>
public readonly record struct PlacedThing(
    Thing Thing, ThingColour? Colour, ThingSize Size, Cell Cell, int JitterX = 0, int JitterY = 0) : IGridObject<PlacedThing>
{
    /// <summary>The largest jitter in pixels.</summary>
    public const int MaxJitter = 2;

    static int IGridObject<PlacedThing>.JitterLimit => MaxJitter;

    /// <summary>The number of its look: 0 for the natural one, then 1 and up for the colours.</summary>
    public int Look => Colour is null ? 0 : Colour.Index + 1;

    /// <summary>The same thing in the middle of its cell.</summary>
    public PlacedThing Centered => WithJitter(0, 0);

    /// <summary>The colour that it counts as: its own, or the dominant one of its natural look; null where it has none.</summary>
    public ThingColour? ApparentColour => Colour ?? Thing.Dominant;

    /// <inheritdoc/>
    public PlacedThing WithJitter(int x, int y) => this with { JitterX = x, JitterY = y };

    /// <summary>
    /// A short name, for instance <c>big red bus@0,2</c>, without a colour for the natural look, and with <c>+2-1</c> behind it
    /// for jitter.
    /// </summary>
    /// <returns>The name.</returns>
    public override string ToString()
    {
        string colour = Colour is null ? "" : Colour.Name + " ";
        string name = $"{Size.ToString().ToLowerInvariant()} {colour}{Thing.Name}@{Cell.Row},{Cell.Column}";
        return JitterX == 0 && JitterY == 0 ? name : $"{name}{JitterX:+0;-0;+0}{JitterY:+0;-0;+0}";
    }
}
