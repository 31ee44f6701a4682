using NexusGen.Core;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>Positions of a padded batch of sequences (<c>get_rope_index</c> of Qwen2.5-VL with an attention mask).</summary>
public static class RopeBatch
{
    /// <summary>Positions of the tokens of each row; masked places hold 1.</summary>
    /// <param name="ids">[batch, length], int64.</param>
    /// <param name="mask">
    /// [batch, length]: 0 where there is no token, else the number of the conversation in its row, each of which has positions of
    /// its own; null where each row is one conversation.
    /// </param>
    /// <param name="grids">The grids of all rows' pictures, row after row.</param>
    /// <param name="configuration">The model's special tokens.</param>
    /// <returns>[3, batch, length], and [batch, 1]: the largest position of the row's last conversation plus one, minus the padded length.</returns>
    /// <exception cref="NexusGenException">A row's image tokens are not those of its pictures.</exception>
    public static (Tensor Positions, Tensor Deltas) Of(Tensor ids, Tensor? mask, IReadOnlyList<GridThw> grids, LanguageModelConfiguration configuration)
    {
        using var scope = NewDisposeScope();
        int rows = (int)ids.shape[0], length = (int)ids.shape[1], merge = configuration.Vision.SpatialMergeSize;
        long[] tokens = ids.to(ScalarType.Int64, CPU).contiguous().data<long>().ToArray();
        long[] kept = mask is null ? [.. Enumerable.Repeat(1L, tokens.Length)] : mask.to(ScalarType.Int64, CPU).contiguous().data<long>().ToArray();
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
                int pictures = CountPictures(own, grids, used, configuration.ImageTokenId, merge);
                (long[][] axes, next) = RopeIndex.Of(own, [.. grids.Skip(used).Take(pictures)], configuration.ImageTokenId, merge);
                used += pictures;
                for (int axis = 0; axis < 3; axis++)
                {
                    for (int i = 0; i < places.Length; i++)
                    {
                        positions[(axis * rows * length) + first + places[i]] = axes[axis][i];
                    }
                }
            }

            // Without pictures the official code takes the largest of all places, of the masked ones too.
            deltas[row] = Math.Max(next, grids.Count == 0 && masked > 0 ? 2 : 0) - length;
        }

        return (tensor(positions).view(3, rows, length).MoveToOuterDisposeScope(), tensor(deltas).view(rows, 1).MoveToOuterDisposeScope());
    }

    // As many grids as fill the row's image tokens.
    private static int CountPictures(int[] ids, IReadOnlyList<GridThw> grids, int first, int imageTokenId, int merge)
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
