using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>A conversation, encoded for training the language model.</summary>
/// <param name="Ids">The token ids, with one image token per image embedding.</param>
/// <param name="Labels">
/// The id to predict at each position, or −100 for no loss. If it is the image token, an image embedding is predicted.
/// </param>
/// <param name="Grids">The grids of the images, in order.</param>
/// <param name="PixelValues">The patches of the images, [patches of all images, patch length], or null if there are none.</param>
internal sealed record EncodedSample(
    IReadOnlyList<int> Ids, IReadOnlyList<int> Labels, IReadOnlyList<GridThw> Grids, Tensor? PixelValues) : IDisposable
{
    /// <summary>The label of a token without loss.</summary>
    public const int NoLoss = -100;

    /// <inheritdoc/>
    public void Dispose() => PixelValues?.Dispose();
}
