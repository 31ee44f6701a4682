using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>A prompt as the language model reads it.</summary>
/// <param name="Ids">Its tokens; each picture's image token as often as it has embeddings.</param>
/// <param name="ImageEmbeddings">The embeddings of all its pictures, one after another, [embeddings, width]; null where there are none.</param>
/// <param name="Grids">The pictures' grids.</param>
internal sealed record TokenizedPrompt(IReadOnlyList<int> Ids, Tensor? ImageEmbeddings, IReadOnlyList<GridThw> Grids);
