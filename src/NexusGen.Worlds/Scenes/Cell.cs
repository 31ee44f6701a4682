using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Scenes;

/// <summary>A place on the 3×3 grid. Cells are ordered as one reads: row by row.</summary>
/// <param name="Row">0 at the top to 2 at the bottom.</param>
/// <param name="Column">0 at the left to 2 at the right.</param>
public readonly record struct Cell(int Row, int Column) : IComparable<Cell>
{
    /// <summary>Cells a side.</summary>
    public const int GridSide = 3;

    /// <summary>Cells in all.</summary>
    public const int Count = GridSide * GridSide;

    /// <summary>The middle of the picture.</summary>
    public static Cell Center { get; } = new(1, 1);

    /// <summary>Its number in reading order, 0 to 8.</summary>
    public int Index => Row * GridSide + Column;

    /// <summary>Whether it lies on the grid.</summary>
    public bool IsInside => Row is >= 0 and < GridSide && Column is >= 0 and < GridSide;

    /// <summary>The cell of a number in reading order.</summary>
    /// <param name="index">0 to 8.</param>
    /// <returns>The cell.</returns>
    public static Cell At(int index) => new(index / GridSide, index % GridSide);

    /// <summary>Returns all cells in a random order.</summary>
    internal static Cell[] Shuffled(Dice dice)
    {
        Cell[] cells = [.. Enumerable.Range(0, Count).Select(At)];
        dice.Shuffle<Cell>(cells);
        return cells;
    }

    /// <summary>The neighbour on one side; it may lie outside the grid.</summary>
    /// <param name="side">The side.</param>
    /// <returns>The neighbour.</returns>
    public Cell Next(Relation side) => side switch
    {
        Relation.Left => new(Row, Column - 1),
        Relation.Right => new(Row, Column + 1),
        Relation.Above => new(Row - 1, Column),
        _ => new(Row + 1, Column),
    };

    /// <summary>Whether this cell stands in a relation to another.</summary>
    /// <param name="relation">The relation.</param>
    /// <param name="other">The other cell.</param>
    /// <returns>Whether it does.</returns>
    public bool Is(Relation relation, Cell other) => relation switch
    {
        Relation.Left => Column < other.Column,
        Relation.Right => Column > other.Column,
        Relation.Above => Row < other.Row,
        _ => Row > other.Row,
    };

    /// <inheritdoc/>
    public int CompareTo(Cell other) => Index.CompareTo(other.Index);
}
