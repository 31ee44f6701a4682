using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>A conversation, encoded for training the language model.</summary>
/// <param name="Ids">The token ids, with one image token per image embedding.</param>
/// <param name="Labels">
/// The id to predict at each position, or −100 for no loss. If it is the image token, an image embedding is predicted.
/// </param>
/// <param name="Grids">The grids of the images, in order.</param>
/// <param name="PixelValues">
/// The patches of the pictures, [patches of all pictures, patch length], or null if there are none. A picture that occurs more
/// than once is in it once; see <see cref="Pictures"/>.
/// </param>
internal sealed record EncodedSample(
    IReadOnlyList<int> Ids, IReadOnlyList<int> Labels, IReadOnlyList<GridThw> Grids, Tensor? PixelValues) : IDisposable
{
    /// <summary>The label of a token without loss.</summary>
    public const int NoLoss = -100;

    /// <summary>Gets the number of each image's picture, from 0 in the order of their first images, without gaps.</summary>
    public IReadOnlyList<int> Pictures { get; init; } = [.. Enumerable.Range(0, Grids.Count)];

    /// <summary>Gets the grids of the pictures, in order.</summary>
    public IEnumerable<GridThw> PictureGrids =>
        Pictures.Zip(Grids).DistinctBy(image => image.First).Select(image => image.Second);

    /// <summary>
    /// Returns the patches of all images, those of pictures that occur again too, as the official processor does.
    /// </summary>
    /// <returns>[patches of all images, patch length], or null if there are none.</returns>
    public Tensor? ImagePixels()
    {
        if (PixelValues is null)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        Tensor[] pictures = PixelValues.split([.. PictureGrids.Select(grid => grid.Patches)]);
        return cat([.. Pictures.Select(picture => pictures[picture])]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => PixelValues?.Dispose();
}
