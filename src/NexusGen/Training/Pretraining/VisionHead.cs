using NexusGen.Torch;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Training;

/// <summary>
/// A head that a vision encoder is trained with and that is thrown away afterwards: from one embedding, and nothing else, the
/// pixels of its piece of the picture, and which place it is. Being local it can't leave the work to other embeddings.
/// </summary>
public sealed class VisionHead : Module
{
    private readonly Linear _in;
    private readonly Linear _pieces;
    private readonly Linear _places;

    /// <summary>Loads the head.</summary>
    /// <param name="source">Its place.</param>
    /// <param name="embeddingWidth">Width of an embedding.</param>
    /// <param name="width">Its own width.</param>
    /// <param name="pieceLength">Numbers in a piece.</param>
    /// <param name="places">Embeddings of a picture.</param>
    public VisionHead(WeightSource source, long embeddingWidth, long width, long pieceLength, long places)
        : base(source)
    {
        _in = Own(new Linear(source["in"], embeddingWidth, width));
        _pieces = Own(new Linear(source["pieces"], width, pieceLength));
        _places = Own(new Linear(source["places"], width, places));
    }

    /// <summary>What the head makes of embeddings.</summary>
    /// <param name="embeddings">[embeddings, width].</param>
    /// <returns>[embeddings, piece length] and the scores [embeddings, places].</returns>
    public (Tensor Pieces, Tensor Places) Forward(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = Ops.Gelu(_in.Forward(embeddings));
        return (_pieces.Forward(hidden).MoveToOuterDisposeScope(), _places.Forward(hidden).MoveToOuterDisposeScope());
    }
}
