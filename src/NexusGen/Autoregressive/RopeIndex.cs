using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Autoregressive;

/// <summary>
/// Positions of the tokens of a sequence on three axes (<c>get_rope_index</c> of Qwen2.5-VL): text counts on all of them, the
/// tokens of a picture on row and column while its time stands still, and the text after it goes on after the largest.
/// </summary>
public static class RopeIndex
{
    private const int LargestSide = 1 << 16;

    /// <summary>Positions of a sequence.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="grids">The grids of its pictures, in order.</param>
    /// <param name="imageTokenId">The token that stands for an embedding of a picture.</param>
    /// <param name="merge">Side of the square of patches that become one embedding.</param>
    /// <returns>Three rows of positions: time, row, column; and the position that comes next.</returns>
    /// <exception cref="NexusGenException">The image tokens are not those of the grids.</exception>
    public static (long[][] Positions, long Next) Of(IReadOnlyList<int> ids, IReadOnlyList<GridThw> grids, int imageTokenId, int merge = 2) =>
        Of(ids.Count, FindPictures(ids, grids, imageTokenId, merge), merge);

    /// <summary>Where the pictures of a sequence begin.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{int}, IReadOnlyList{GridThw}, int, int)"/>
    /// <returns>Where each begins, with its grid.</returns>
    public static List<(int Start, GridThw Grid)> FindPictures(IReadOnlyList<int> ids, IReadOnlyList<GridThw> grids, int imageTokenId, int merge = 2)
    {
        List<(int Start, GridThw Grid)> pictures = [];
        for (int i = 0; i < ids.Count; i++)
        {
            if (ids[i] != imageTokenId)
            {
                continue;
            }

            if (pictures.Count == grids.Count)
            {
                throw new NexusGenException($"The sequence has image tokens at {i}, but only {grids.Count} pictures were given.");
            }

            GridThw grid = grids[pictures.Count];
            Check(grid, merge);
            long length = grid.Tokens(merge);
            if (i + length > ids.Count || Enumerable.Range(i, (int)length).Any(k => ids[k] != imageTokenId))
            {
                throw new NexusGenException($"The picture of the grid {grid} takes {length} image tokens, but the sequence has fewer at {i}.");
            }

            pictures.Add((i, grid));
            i += (int)length - 1;
        }

        return pictures.Count == grids.Count
            ? pictures
            : throw new NexusGenException($"{grids.Count} pictures were given, but the sequence has image tokens for {pictures.Count}.");
    }

    /// <summary>Positions of a sequence whose pictures are known.</summary>
    /// <param name="length">How many tokens it has.</param>
    /// <param name="pictures">Where each picture begins, in order, with its grid.</param>
    /// <param name="merge">Side of the square of patches that become one embedding.</param>
    /// <returns>Three rows of positions: time, row, column; and the position that comes next.</returns>
    public static (long[][] Positions, long Next) Of(int length, IReadOnlyList<(int Start, GridThw Grid)> pictures, int merge = 2)
    {
        long[][] positions = [new long[length], new long[length], new long[length]];
        long next = 0;
        int at = 0;
        void Text(int until)
        {
            for (; at < until; at++)
            {
                positions[0][at] = positions[1][at] = positions[2][at] = next++;
            }
        }

        foreach ((int start, GridThw grid) in pictures)
        {
            Text(start);
            long rows = grid.H / merge, columns = grid.W / merge;
            for (long k = 0; k < grid.Tokens(merge); k++, at++)
            {
                positions[0][at] = next;
                positions[1][at] = next + (k / columns % rows);
                positions[2][at] = next + (k % columns);
            }

            next += Extent(grid, merge);
        }

        Text(length);
        return (positions, next);
    }

    /// <summary>Refuses a grid that can't be a picture's.</summary>
    /// <exception cref="NexusGenException">A side is not a positive multiple of the merger's, or beyond all pictures.</exception>
    internal static void Check(GridThw grid, int merge)
    {
        bool Fits(long side, int of) => side > 0 && side <= LargestSide && side % of == 0;
        if (!Fits(grid.T, 1) || !Fits(grid.H, merge) || !Fits(grid.W, merge))
        {
            throw new NexusGenException(
                $"The grid {grid} is no picture's: its rows and columns of patches must be multiples of {merge}, from {merge} to {LargestSide}.");
        }
    }

    /// <summary>How far the text after a picture is from the text before it.</summary>
    internal static long Extent(GridThw grid, int merge = 2) => Math.Max(grid.H, grid.W) / merge;
}
