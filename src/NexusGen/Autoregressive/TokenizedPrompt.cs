using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>A prompt as tokens and image embeddings.</summary>
/// <param name="Ids">The tokens; the image token is repeated for each embedding of an image.</param>
/// <param name="ImageEmbeddings">
/// The embeddings of all images, one after the other, [embeddings, width], or null if there are none.
/// </param>
/// <param name="Grids">The grids of the images.</param>
internal sealed record TokenizedPrompt(IReadOnlyList<int> Ids, Tensor? ImageEmbeddings, IReadOnlyList<GridThw> Grids);
