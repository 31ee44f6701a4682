using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Rendering;

/// <summary>Spreads the labels of the cells over a grid of equal parts of the picture.</summary>
internal static class LabelGrid
{
    /// <summary>Gives each part the label of the cell whose middle is nearest.</summary>
    /// <param name="parts">The number of rows and of columns of parts.</param>
    /// <param name="side">The side of the picture.</param>
    /// <param name="center">The middle of a row or column of cells.</param>
    /// <param name="label">The label of a cell.</param>
    /// <returns>parts · parts labels, row by row.</returns>
    public static ImmutableArray<byte> Of(int parts, int side, Func<int, int> center, Func<Cell, byte> label)
    {
        int[] nearest = [.. Enumerable.Range(0, parts).Select(part =>
            Enumerable.Range(0, Cell.GridSide).MinBy(line => Math.Abs(center(line) - (part + 0.5) * side / parts)))];
        return [.. from row in nearest from column in nearest select label(new Cell(row, column))];
    }
}
