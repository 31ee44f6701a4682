using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Worlds.Things.Scenes;

/// <summary>
/// The rules for what a text leaves open, so that each text has one right picture: a thing is big, has its natural look and
/// stands in the cells that the number or the relation gives (the same cells as in the world of shapes); the background is the
/// first of the catalogue that hides nothing of the scene: white, unless the scene has something white or whitish.
/// </summary>
public static class ThingLayout
{
    /// <summary>The size of a thing whose size isn't named.</summary>
    public const ThingSize Size = ThingSize.Big;

    /// <summary>Returns the cells of things whose places aren't named.</summary>
    /// <param name="count">The number of things, 1 to 5.</param>
    /// <returns>Their cells, in the order in which the text names the things.</returns>
    public static ImmutableArray<Cell> CellsOf(int count) => Layout.CellsOf(count);

    /// <summary>Returns the cells of two groups of which only the relation is named.</summary>
    /// <param name="relation">How the first group stands to the second.</param>
    /// <param name="first">The number of things in the first group, 1 to 3.</param>
    /// <param name="second">The number of things in the second group, 1 to 3.</param>
    /// <returns>The cells of both, in reading order.</returns>
    public static (ImmutableArray<Cell> First, ImmutableArray<Cell> Second) CellsOf(
        Relation relation, int first = 1, int second = 1) => Layout.CellsOf(relation, first, second);

    /// <summary>Returns the background of things whose background isn't named.</summary>
    /// <param name="things">The things.</param>
    /// <returns>The first background that hides none of them.</returns>
    public static ThingBackground BackgroundOf(IEnumerable<PlacedThing> things)
    {
        PlacedThing[] all = [.. things];
        return ThingCatalogue.Backgrounds.First(background => !Array.Exists(all, one => background.Hides(one.Thing, one.Colour)));
    }
}
