using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Worlds.Things.Scenes;

/// <summary>
/// The rules for what a text leaves open, so that each text has one right picture: a thing is big, has its natural look and
/// stands in the cells that the number or the relation gives (the same cells as in the world of shapes); the background is the
/// first of the catalogue that hides nothing of the scene: white, unless the scene has something white or whitish. Of an edit,
/// what isn't named stays as it is: a thing that is added stands in the first free cell of <see cref="FreeCell"/>, beside
/// another in that one's next cell (<see cref="CellBeside"/>); a thing that replaces another has its cell and size and, unless
/// a colour is named, its own natural look; bigger means big and smaller means small; another of a kind looks like those that
/// are there.
/// </summary>
public static class ThingLayout
{
    /// <summary>The size of a thing whose size isn't named.</summary>
    public const ThingSize Size = ThingSize.Big;

    private static readonly Cell[] FreeCells =
        [new(1, 1), new(1, 0), new(1, 2), new(0, 1), new(2, 1), new(0, 0), new(0, 2), new(2, 0), new(2, 2)];

    private static readonly Relation[] Beside = [Relation.Right, Relation.Left, Relation.Below, Relation.Above];

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

    /// <summary>Returns the cell of a thing that is added without a place: the middle if it is free, then the sides left, right,
    /// top and bottom, then the corners in reading order.</summary>
    /// <param name="things">The things that are there.</param>
    /// <returns>The first free cell.</returns>
    public static Cell FreeCell(IEnumerable<PlacedThing> things)
    {
        Cell[] taken = [.. things.Select(thing => thing.Cell)];
        return FreeCells.First(cell => !taken.Contains(cell));
    }

    /// <summary>Returns the cell beside another: the next one on that side, or the first free one of right, left, below and above
    /// for "next to".</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="cell">The cell of the thing that is named.</param>
    /// <param name="relation">The side, or null for "next to".</param>
    /// <returns>The cell, or null if it is outside the picture or, for "next to", if none is free. The cell of a
    /// side may be taken.</returns>
    public static Cell? CellBeside(ThingScene scene, Cell cell, Relation? relation)
    {
        ArgumentNullException.ThrowIfNull(scene);
        if (relation is { } side)
        {
            return cell.Next(side) is { IsInside: true } next ? next : null;
        }

        Cell[] free = [.. Beside.Select(cell.Next).Where(next => next.IsInside && scene.At(next) is null)];
        return free.Length == 0 ? null : free[0];
    }

    /// <summary>Whether two things are next to each other: in one row or one column with nothing between them.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="one">The cell of one.</param>
    /// <param name="other">The cell of the other.</param>
    /// <returns>Whether they are.</returns>
    public static bool AreBeside(ThingScene scene, Cell one, Cell other)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var between = new Cell((one.Row + other.Row) / 2, (one.Column + other.Column) / 2);
        int distance = Math.Abs(one.Row - other.Row) + Math.Abs(one.Column - other.Column);
        bool inLine = one.Row == other.Row || one.Column == other.Column;
        return distance == 1 || (distance == 2 && inLine && scene.At(between) is null);
    }

    /// <summary>Returns the background of things whose background isn't named.</summary>
    /// <param name="things">The things.</param>
    /// <returns>The first background that hides none of them.</returns>
    public static ThingBackground BackgroundOf(IEnumerable<PlacedThing> things)
    {
        PlacedThing[] all = [.. things];
        return ThingCatalogue.Backgrounds.First(background => !Array.Exists(all, one => background.Hides(one.Thing, one.Colour)));
    }
}
