using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>An image as the vision encoder encodes it, or as the language model predicts it.</summary>
/// <param name="Embeddings">The image embeddings, [tokens, width]; detached from dispose scopes and owned by this object.</param>
/// <param name="Grid">The grid of the image in patches.</param>
internal sealed record EncodedImage(Tensor Embeddings, GridThw Grid) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Embeddings.Dispose();
}
