using NexusGen.Core;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// mRoPE positions of a padded batch of sequences (<c>get_rope_index</c> of Qwen2.5-VL with an attention mask).
/// </summary>
internal static class RopeBatch
{
    /// <summary>Computes the positions of the tokens of each row. The positions of padding are 1.</summary>
    /// <param name="ids">The tokens, [batch, length], int64.</param>
    /// <param name="mask">
    /// [batch, length]: 0 for padding, otherwise the number of the conversation within its row; the positions of each
    /// conversation start at 0. null if each row is one conversation without padding.
    /// </param>
    /// <param name="grids">The grids of the images of all rows, row after row.</param>
    /// <param name="configuration">The configuration of the model.</param>
    /// <returns>
    /// The positions, [3, batch, length], and the deltas, [batch, 1]: the largest position of the row's last conversation plus
    /// one, minus the padded length.
    /// </returns>
    /// <exception cref="NexusGenException">The image tokens of a row do not match its images.</exception>
    public static (Tensor Positions, Tensor Deltas) Of(
        Tensor ids, Tensor? mask, IReadOnlyList<GridThw> grids, LanguageModelConfiguration configuration)
    {
        using var scope = NewDisposeScope();
        int rows = (int)ids.shape[0], length = (int)ids.shape[1], merge = configuration.Vision.SpatialMergeSize;
        long[] tokens = ids.to(ScalarType.Int64, CPU).contiguous().data<long>().ToArray();
        long[] kept = mask is null
            ? [.. Enumerable.Repeat(1L, tokens.Length)]
            : mask.to(ScalarType.Int64, CPU).contiguous().data<long>().ToArray();
        long[] positions = new long[3 * rows * length], deltas = new long[rows];
        Array.Fill(positions, 1);
        int used = 0;
        for (int row = 0; row < rows; row++)
        {
            long next = 0;
            int first = row * length, masked = 0;
            foreach (IGrouping<long, int> conversation in Enumerable.Range(0, length).GroupBy(i => kept[first + i]))
            {
                int[] places = [.. conversation];
                if (conversation.Key == 0)
                {
                    masked = places.Length;
                    continue;
                }

                int[] own = [.. places.Select(i => (int)tokens[first + i])];
                int pictures = CountImages(own, grids, used, configuration.ImageTokenId, merge);
                (long[][] axes, next) = RopeIndex.Of(
                    own, [.. grids.Skip(used).Take(pictures)], configuration.ImageTokenId, merge);
                used += pictures;
                for (int axis = 0; axis < 3; axis++)
                {
                    for (int i = 0; i < places.Length; i++)
                    {
                        positions[(axis * rows * length) + first + places[i]] = axes[axis][i];
                    }
                }
            }

            // Without images the official code takes the maximum over all positions, including the 1 of padding.
            deltas[row] = Math.Max(next, grids.Count == 0 && masked > 0 ? 2 : 0) - length;
        }

        return (
            tensor(positions).view(3, rows, length).MoveToOuterDisposeScope(),
            tensor(deltas).view(rows, 1).MoveToOuterDisposeScope());
    }

    // The number of grids that the image tokens of the conversation correspond to.
    private static int CountImages(int[] ids, IReadOnlyList<GridThw> grids, int first, int imageTokenId, int merge)
    {
        long left = ids.Count(id => id == imageTokenId);
        int count = 0;
        while (left > 0 && first + count < grids.Count)
        {
            left -= grids[first + count++].Tokens(merge);
        }

        return count;
    }
}
