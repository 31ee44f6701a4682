using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Training.Core;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>A batch of conversations, one or several per row, padded on the right.</summary>
/// <param name="Ids">[batch, length], int64.</param>
/// <param name="Labels">[batch, length], int64: −100 for no loss, the image token if an image embedding is predicted.</param>
/// <param name="Mask">
/// [batch, length], int64: 0 for padding, otherwise the number of the conversation within its row, from 1. Null if each row is
/// one conversation without padding.
/// </param>
/// <param name="Positions">[3, batch, length], int64: the mRoPE positions.</param>
/// <param name="Grids">The grids of all pictures, row by row.</param>
/// <param name="PixelValues">
/// The patches of all pictures, or null if there are none. A picture that a conversation shows more than once is in it once.
/// </param>
internal sealed record AutoregressiveBatch(
    Tensor Ids, Tensor Labels, Tensor? Mask, Tensor Positions, IReadOnlyList<GridThw> Grids, Tensor? PixelValues) : IDisposable
{
    // The place of each image's embeddings among those of the pictures, int64; null if each image is another picture.
    private Tensor? Places { get; init; }

    /// <summary>Creates a batch from conversations.</summary>
    /// <param name="samples">The conversations, which are disposed by this method.</param>
    /// <param name="padding">The token id that rows are padded with.</param>
    /// <param name="configuration">The configuration of the model, with its special tokens.</param>
    /// <param name="packedLength">
    /// The length up to which conversations share a row to reduce padding; 0 for one conversation per row. A longer conversation
    /// makes the rows longer. Row lengths are rounded up, so that few distinct lengths occur.
    /// </param>
    /// <returns>The batch, whose tensors belong to no dispose scope.</returns>
    public static AutoregressiveBatch Of(
        IReadOnlyList<EncodedSample> samples, int padding, LanguageModelConfiguration configuration, int packedLength = 0)
    {
        using var scope = NewDisposeScope();
        List<List<EncodedSample>> rows = Pack(samples, packedLength);
        int length = rows.Max(row => row.Sum(sample => sample.Ids.Count));
        length = packedLength > 0 ? (int)ShapeRounding.RoundUp(length) : length;
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

                    // The first token has no loss, because the text before it in its row is another conversation.
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
        AutoregressiveBatch batch = Of(
            tensor(ids).view(rows.Count, length),
            tensor(labels).view(rows.Count, length),
            full ? null : tensor(mask).view(rows.Count, length),
            [.. ordered.SelectMany(sample => sample.Grids)],
            patches,
            configuration);
        return ordered.All(sample => sample.Pictures.Distinct().Count() == sample.Pictures.Count) ? batch : batch with
        {
            Grids = [.. ordered.SelectMany(sample => sample.PictureGrids)],
            Places = tensor(PlacesOf(ordered, configuration.Vision.SpatialMergeSize)).DetachFromDisposeScope(),
        };
    }

    /// <summary>Creates a batch from tensors and computes the positions used in training.</summary>
    /// <inheritdoc cref="AutoregressiveBatch"/>
    /// <param name="Ids">[batch, length], int64.</param>
    /// <param name="Labels">[batch, length], int64.</param>
    /// <param name="Mask">[batch, length], int64, or null.</param>
    /// <param name="Grids">The grids of all images, row by row.</param>
    /// <param name="PixelValues">The patches of all images, or null.</param>
    /// <param name="configuration">The configuration of the model, with its special tokens.</param>
    /// <exception cref="NexusGenException">The image tokens of a row don't match its images.</exception>
    public static AutoregressiveBatch Of(
        Tensor Ids,
        Tensor Labels,
        Tensor? Mask,
        IReadOnlyList<GridThw> Grids,
        Tensor? PixelValues,
        LanguageModelConfiguration configuration)
    {
        (Tensor positions, Tensor deltas) = RopeBatch.Of(Ids, Mask, Grids, configuration);
        deltas.Dispose();
        return new AutoregressiveBatch(
            Ids.DetachFromDisposeScope(),
            Labels.DetachFromDisposeScope(),
            Mask?.DetachFromDisposeScope(),
            positions.DetachFromDisposeScope(),
            Grids,
            PixelValues?.DetachFromDisposeScope());
    }

    /// <summary>Returns the embeddings of all images, row by row, from the embeddings of the pictures.</summary>
    /// <param name="pictures">The vision encoder's result, [embeddings of all pictures, width].</param>
    /// <returns>[embeddings of all images, width]; the argument itself if each image is another picture.</returns>
    public Tensor ImagesOf(Tensor pictures) =>
        Places is null ? pictures : pictures.index_select(0, Places.to(pictures.device));

    /// <summary>Counts what is predicted.</summary>
    /// <param name="imageToken">The id of the image token.</param>
    /// <returns>The number of tokens with a loss, and of embeddings of generated images.</returns>
    public (long Tokens, long Embeddings) CountPredicted(int imageToken)
    {
        // The first position of a row is predicted from nothing.
        using var scope = NewDisposeScope();
        Tensor labels = Labels.narrow(1, 1, Labels.shape[1] - 1);
        long all = labels.ne(Scalars.Of(EncodedSample.NoLoss)).sum().item<long>();
        long embeddings = labels.eq(Scalars.Of(imageToken)).sum().item<long>();
        return (all - embeddings, embeddings);
    }

    private static long[] PlacesOf(IEnumerable<EncodedSample> samples, int mergeSize)
    {
        List<long> places = [];
        long first = 0;
        foreach (EncodedSample sample in samples)
        {
            List<long> starts = [];
            foreach (GridThw grid in sample.PictureGrids)
            {
                starts.Add(first);
                first += grid.Tokens(mergeSize);
            }

            foreach ((int picture, GridThw grid) in sample.Pictures.Zip(sample.Grids))
            {
                places.AddRange(Enumerable.Range(0, (int)grid.Tokens(mergeSize)).Select(i => starts[picture] + i));
            }
        }

        return [.. places];
    }

    // Longest first, each into the first row with enough room.
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
        Places?.Dispose();
    }
}
