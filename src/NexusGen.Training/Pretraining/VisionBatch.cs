using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>Pictures for a vision encoder, and what each embedding must tell.</summary>
/// <param name="Pixels">[patches, patch length], as the image processor gives them.</param>
/// <param name="Grids">The pictures' grids, all alike.</param>
/// <param name="Pieces">[embeddings, piece length], −1 to 1.</param>
/// <param name="Places">[embeddings], int64: each embedding's number in its picture.</param>
/// <param name="Labels">[kinds, embeddings], int64: the class of each kind of label at each embedding.</param>
public sealed record VisionBatch(Tensor Pixels, IReadOnlyList<GridThw> Grids, Tensor Pieces, Tensor Places, Tensor Labels) : IDisposable
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
