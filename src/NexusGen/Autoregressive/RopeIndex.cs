using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Autoregressive;

/// <summary>
/// mRoPE positions of the tokens of a sequence (<c>get_rope_index</c> of Qwen2.5-VL). A text token has the same position on all
/// three axes. The tokens of an image have one position in time and count on the axes of row and column. The text after an image
/// continues after the larger side of its grid.
/// </summary>
internal static class RopeIndex
{
    private const int LargestSide = 1 << 16;

    /// <summary>Computes the positions of a sequence.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="grids">The grids of the images, in order.</param>
    /// <param name="imageTokenId">The token at each position that has an image embedding.</param>
    /// <param name="merge">The side of the square of patches that are merged into one embedding.</param>
    /// <returns>The positions on the three axes (time, row, column), and the position of the token that comes next.</returns>
    /// <exception cref="NexusGenException">The image tokens do not match the grids.</exception>
    public static (long[][] Positions, long Next) Of(
        IReadOnlyList<int> ids, IReadOnlyList<GridThw> grids, int imageTokenId, int merge = 2) =>
        Of(ids.Count, FindImages(ids, grids, imageTokenId, merge), merge);

    /// <summary>Finds the images of a sequence.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{int}, IReadOnlyList{GridThw}, int, int)"/>
    /// <returns>The index of the first token of each image, and its grid.</returns>
    public static List<(int Start, GridThw Grid)> FindImages(
        IReadOnlyList<int> ids, IReadOnlyList<GridThw> grids, int imageTokenId, int merge = 2)
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
                throw new NexusGenException(
                    $"The picture of the grid {grid} takes {length} image tokens, but the sequence has fewer at {i}.");
            }

            pictures.Add((i, grid));
            i += (int)length - 1;
        }

        return pictures.Count == grids.Count
            ? pictures
            : throw new NexusGenException(
                $"{grids.Count} pictures were given, but the sequence has image tokens for {pictures.Count}.");
    }

    /// <summary>Computes the positions of a sequence whose images are known.</summary>
    /// <param name="length">The number of tokens.</param>
    /// <param name="pictures">The index of the first token of each image, in order, and its grid.</param>
    /// <param name="merge">The side of the square of patches that are merged into one embedding.</param>
    /// <returns>The positions on the three axes (time, row, column), and the position of the token that comes next.</returns>
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

    /// <summary>Checks that a grid can be that of an image.</summary>
    /// <exception cref="NexusGenException">
    /// The height or width is not a positive multiple of <paramref name="merge"/>, or a side is not positive or too large.
    /// </exception>
    internal static void Check(GridThw grid, int merge)
    {
        bool Fits(long side, int of) => side > 0 && side <= LargestSide && side % of == 0;
        if (!Fits(grid.T, 1) || !Fits(grid.H, merge) || !Fits(grid.W, merge))
        {
            throw new NexusGenException(
                $"The grid {grid} is no picture's: its rows and columns of patches must be multiples of {merge}, "
                + $"from {merge} to {LargestSide}.");
        }
    }

    /// <summary>Returns the number of positions between the start of an image and the text after it.</summary>
    internal static long Extent(GridThw grid, int merge = 2) => Math.Max(grid.H, grid.W) / merge;
}
