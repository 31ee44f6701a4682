using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>A conversation as the language model is trained on it.</summary>
/// <param name="Ids">Token ids, with one image token for each embedding.</param>
/// <param name="Labels">What is to be predicted: the id itself, or −100 where there is no loss. Where it is the image token, an embedding is.</param>
/// <param name="Grids">The pictures' grids, in order.</param>
/// <param name="PixelValues">The pictures' patches, [patches of all pictures, patch length]; null where there is none.</param>
public sealed record EncodedSample(IReadOnlyList<int> Ids, IReadOnlyList<int> Labels, IReadOnlyList<GridThw> Grids, Tensor? PixelValues) : IDisposable
{
    /// <summary>The label of a token without a loss.</summary>
    public const int NoLoss = -100;

    /// <inheritdoc/>
    public void Dispose() => PixelValues?.Dispose();
}
