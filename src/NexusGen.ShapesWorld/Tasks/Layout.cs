using System.Collections.Immutable;

namespace NexusGen.ShapesWorld.Tasks;

/// <summary>
/// What a text leaves open, the world fixes, so that each text has one right picture: objects are big, the first is red and the
/// second green, the background is white, and their number says where they stand.
/// </summary>
public static class Layout
{
    /// <summary>The size of an object whose size isn't named.</summary>
    public const ObjectSize Size = ObjectSize.Big;

    /// <summary>The background that isn't named.</summary>
    public const Background Ground = Background.White;

    private static readonly ImmutableArray<ImmutableArray<Cell>> Cells =
    [
        [Cell.Center],
        [new(1, 0), new(1, 2)],
        [new(1, 0), new(1, 1), new(1, 2)],
        [new(0, 0), new(0, 2), new(2, 0), new(2, 2)],
        [new(0, 0), new(0, 2), new(1, 1), new(2, 0), new(2, 2)],
    ];

    /// <summary>The colour of an object whose colour isn't named.</summary>
    /// <param name="index">Which of the objects it is, from 0.</param>
    /// <returns>Red for the first, green for others.</returns>
    public static Colour ColourOf(int index) => index == 0 ? Colour.Red : Colour.Green;

    /// <summary>Where objects stand when no place is named.</summary>
    /// <param name="count">How many, 1 to 5.</param>
    /// <returns>Their cells, in the order in which they are named.</returns>
    public static ImmutableArray<Cell> CellsOf(int count) => Cells[count - 1];

    /// <summary>Where two objects stand of which only the relation is named.</summary>
    /// <param name="relation">How the first stands to the second.</param>
    /// <returns>The cells of the first and the second, across the middle.</returns>
    public static (Cell First, Cell Second) CellsOf(Relation relation) => relation switch
    {
        Relation.Left => (new(1, 0), new(1, 2)),
        Relation.Right => (new(1, 2), new(1, 0)),
        Relation.Above => (new(0, 1), new(2, 1)),
        _ => (new(2, 1), new(0, 1)),
    };
}
