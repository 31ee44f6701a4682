using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Tasks;

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

    // One object stands in the middle of its side, two at the ends.
    private static readonly ImmutableArray<ImmutableArray<int>> Lines = [[1], [0, 2], [0, 1, 2]];

    /// <summary>The colour of an object whose colour isn't named.</summary>
    /// <param name="index">Which of the objects it is, from 0.</param>
    /// <returns>Red for the first, green for others.</returns>
    public static Colour ColourOf(int index) => index == 0 ? Colour.Red : Colour.Green;

    /// <summary>Where objects stand when no place is named.</summary>
    /// <param name="count">How many, 1 to 5.</param>
    /// <returns>Their cells, in the order in which they are named.</returns>
    public static ImmutableArray<Cell> CellsOf(int count) => Cells[count - 1];

    /// <summary>
    /// Where two groups stand of which only the relation is named: each in a row or column at its side of the picture.
    /// </summary>
    /// <param name="relation">How the first group stands to the second.</param>
    /// <param name="first">Objects of the first group, 1 to 3.</param>
    /// <param name="second">Objects of the second group, 1 to 3.</param>
    /// <returns>The cells of both, in reading order.</returns>
    public static (ImmutableArray<Cell> First, ImmutableArray<Cell> Second) CellsOf(
        Relation relation, int first = 1, int second = 1)
    {
        bool across = relation is Relation.Left or Relation.Right;
        int near = relation is Relation.Left or Relation.Above ? 0 : Cell.GridSide - 1, far = Cell.GridSide - 1 - near;
        ImmutableArray<Cell> Line(int side, int count) =>
            [.. Lines[count - 1].Select(place => across ? new Cell(place, side) : new Cell(side, place))];
        return (Line(near, first), Line(far, second));
    }
}
