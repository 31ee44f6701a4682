using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Training.Core;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>Conversations of one batch, one or several a row, padded on the right.</summary>
/// <param name="Ids">[batch, length], int64.</param>
/// <param name="Labels">[batch, length], int64; −100 where there is no loss, the image token where an embedding is predicted.</param>
/// <param name="Mask">
/// [batch, length], int64: 0 where there is no token, else the number of the conversation in its row; null where each row is one
/// conversation without padding.
/// </param>
/// <param name="Positions">[3, batch, length], int64.</param>
/// <param name="Grids">The grids of all pictures, row after row.</param>
/// <param name="PixelValues">The patches of all pictures; null where there is no picture.</param>
public sealed record AutoregressiveBatch(
    Tensor Ids, Tensor Labels, Tensor? Mask, Tensor Positions, IReadOnlyList<GridThw> Grids, Tensor? PixelValues) : IDisposable
{
    /// <summary>Puts conversations together.</summary>
    /// <param name="samples">The conversations; disposed here.</param>
    /// <param name="padding">The id that rows are filled up with.</param>
    /// <param name="configuration">The model's special tokens.</param>
    /// <param name="packedLength">
    /// Up to how many tokens conversations share a row, so that little is padded; 0 gives each a row of its own. A longer
    /// conversation makes the rows longer, and few different lengths occur.
    /// </param>
    /// <returns>The batch; its tensors belong to no dispose scope.</returns>
    public static AutoregressiveBatch Of(IReadOnlyList<EncodedSample> samples, int padding, LanguageModelConfiguration configuration, int packedLength = 0)
    {
        using var scope = NewDisposeScope();
        List<List<EncodedSample>> rows = Pack(samples, packedLength);
        int length = rows.Max(row => row.Sum(sample => sample.Ids.Count));
        length = packedLength > 0 ? (int)FewSizes.RoundUp(length) : length;
        long[] ids = new long[rows.Count * length], labels = new long[rows.Count * length], mask = new long[rows.Count * length];
        Array.Fill(ids, padding);
        Array.Fill(labels, EncodedSample.NoLoss);
        for (int row = 0; row < rows.Count; row++)
        {
            int at = row * length;
            for (int number = 0; number < rows[row].Count; number++)
            {
                EncodedSample sample = rows[row][number];
                for (int i = 0; i < sample.Ids.Count; i++, at++)
                {
                    ids[at] = sample.Ids[i];

                    // Nothing is asked of a first token: what stands before it in its row is another conversation.
                    labels[at] = i == 0 ? EncodedSample.NoLoss : sample.Labels[i];
                    mask[at] = number + 1;
                }
            }
        }

        EncodedSample[] ordered = [.. rows.SelectMany(row => row)];
        Tensor[] pixels = [.. ordered.Where(sample => sample.PixelValues is not null).Select(sample => sample.PixelValues!)];
        Tensor? patches = pixels.Length == 0 ? null : cat(pixels, 0);
        foreach (EncodedSample sample in samples)
        {
            sample.Dispose();
        }

        bool full = mask.All(number => number == 1);
        return Of(
            tensor(ids).view(rows.Count, length), tensor(labels).view(rows.Count, length), full ? null : tensor(mask).view(rows.Count, length),
            [.. ordered.SelectMany(sample => sample.Grids)], patches, configuration);
    }

    /// <summary>A batch of tensors, with the positions of training.</summary>
    /// <inheritdoc cref="AutoregressiveBatch"/>
    /// <param name="Ids">[batch, length], int64.</param>
    /// <param name="Labels">[batch, length], int64.</param>
    /// <param name="Mask">[batch, length], int64, or null.</param>
    /// <param name="Grids">The grids of all pictures, row after row.</param>
    /// <param name="PixelValues">The patches of all pictures, or null.</param>
    /// <param name="configuration">The model's special tokens.</param>
    /// <exception cref="NexusGenException">A row's image tokens are not those of its pictures.</exception>
    public static AutoregressiveBatch Of(
        Tensor Ids, Tensor Labels, Tensor? Mask, IReadOnlyList<GridThw> Grids, Tensor? PixelValues, LanguageModelConfiguration configuration)
    {
        (Tensor positions, Tensor deltas) = RopeBatch.Of(Ids, Mask, Grids, configuration);
        deltas.Dispose();
        return new AutoregressiveBatch(
            Ids.DetachFromDisposeScope(), Labels.DetachFromDisposeScope(), Mask?.DetachFromDisposeScope(), positions.DetachFromDisposeScope(), Grids,
            PixelValues?.DetachFromDisposeScope());
    }

    // The longest first, each into the first row that has room.
    private static List<List<EncodedSample>> Pack(IReadOnlyList<EncodedSample> samples, int packedLength)
    {
        if (packedLength == 0)
        {
            return [.. samples.Select(sample => new List<EncodedSample> { sample })];
        }

        int most = Math.Max(packedLength, samples.Max(sample => sample.Ids.Count));
        List<(List<EncodedSample> Row, int Length)> rows = [];
        foreach (EncodedSample sample in samples.OrderByDescending(sample => sample.Ids.Count))
        {
            int place = rows.FindIndex(row => row.Length + sample.Ids.Count <= most);
            if (place < 0)
            {
                rows.Add(([sample], sample.Ids.Count));
            }
            else
            {
                rows[place].Row.Add(sample);
                rows[place] = (rows[place].Row, rows[place].Length + sample.Ids.Count);
            }
        }

        return [.. rows.Select(row => row.Row)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        Labels.Dispose();
        Mask?.Dispose();
        Positions.Dispose();
        PixelValues?.Dispose();
    }
}
