using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>Images for training a vision encoder and the targets of each embedding.</summary>
/// <param name="Pixels">[patches, patch length], as the image processor returns them.</param>
/// <param name="Grids">The grids of the images, all of the same size.</param>
/// <param name="Pieces">[embeddings, piece length]: the downscaled pixels that each embedding covers, −1 to 1.</param>
/// <param name="Places">[embeddings], int64: the position of each embedding in its image.</param>
/// <param name="Labels">[kinds, embeddings], int64: the class of each kind of label at each embedding.</param>
internal sealed record VisionBatch(
    Tensor Pixels, IReadOnlyList<GridThw> Grids, Tensor Pieces, Tensor Places, Tensor Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Pixels.Dispose();
        Pieces.Dispose();
        Places.Dispose();
        Labels.Dispose();
    }
}
