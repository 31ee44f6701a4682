using NexusGen.Autoregressive;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training;

/// <summary>Conversations of one batch, padded on the right.</summary>
/// <param name="Ids">[batch, length], int64.</param>
/// <param name="Labels">[batch, length], int64; −100 where there is no loss, the image token where an embedding is predicted.</param>
/// <param name="Mask">[batch, length], int64, 1 where there is a token; null where there is one everywhere.</param>
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
    /// <returns>The batch; its tensors belong to no dispose scope.</returns>
    public static AutoregressiveBatch Of(IReadOnlyList<EncodedSample> samples, int padding, LanguageModelConfiguration configuration)
    {
        using var scope = NewDisposeScope();
        int rows = samples.Count, length = samples.Max(sample => sample.Ids.Count);
        long[] ids = new long[rows * length], labels = new long[rows * length], mask = new long[rows * length];
        Array.Fill(ids, padding);
        Array.Fill(labels, EncodedSample.NoLoss);
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < samples[row].Ids.Count; i++)
            {
                ids[(row * length) + i] = samples[row].Ids[i];
                labels[(row * length) + i] = samples[row].Labels[i];
                mask[(row * length) + i] = 1;
            }
        }

        Tensor? pixels = samples.Any(sample => sample.PixelValues is not null)
            ? cat([.. samples.Where(sample => sample.PixelValues is not null).Select(sample => sample.PixelValues!)], 0)
            : null;
        foreach (EncodedSample sample in samples)
        {
            sample.Dispose();
        }

        bool full = samples.All(sample => sample.Ids.Count == length);
        return Of(tensor(ids).view(rows, length), tensor(labels).view(rows, length), full ? null : tensor(mask).view(rows, length), [.. samples.SelectMany(sample => sample.Grids)], pixels, configuration);
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
