using NexusGen.Torch;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Training;

/// <summary>
/// A head that a vision encoder is trained with and that is thrown away afterwards: from one embedding, and nothing else, the
/// pixels of its piece of the picture, which place it is, and the labels of what is there. Being local it can't leave the work to
/// other embeddings; labels are read without a layer between, so that they lie open in the embedding.
/// </summary>
public sealed class VisionHead : Module
{
    private readonly Linear _in;
    private readonly Linear _pieces;
    private readonly Linear _places;
    private readonly Linear[] _labels;

    /// <summary>Loads the head.</summary>
    /// <param name="source">Its place.</param>
    /// <param name="embeddingWidth">Width of an embedding.</param>
    /// <param name="width">Its own width.</param>
    /// <param name="pieceLength">Numbers in a piece.</param>
    /// <param name="places">Embeddings of a picture.</param>
    /// <param name="labels">The kinds of labels and how many classes each has.</param>
    public VisionHead(WeightSource source, long embeddingWidth, long width, long pieceLength, long places, params IEnumerable<(string Name, int Classes)> labels)
        : base(source)
    {
        _in = Own(new Linear(source["in"], embeddingWidth, width));
        _pieces = Own(new Linear(source["pieces"], width, pieceLength));
        _places = Own(new Linear(source["places"], width, places));
        _labels = [.. labels.Select(label => Own(new Linear(source["labels"][label.Name], embeddingWidth, label.Classes)))];
    }

    /// <summary>How many kinds of labels it reads.</summary>
    public int Kinds => _labels.Length;

    /// <summary>What the head makes of embeddings.</summary>
    /// <param name="embeddings">[embeddings, width].</param>
    /// <returns>[embeddings, piece length] and the scores [embeddings, places].</returns>
    public (Tensor Pieces, Tensor Places) Forward(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = Ops.Gelu(_in.Forward(embeddings));
        return (_pieces.Forward(hidden).MoveToOuterDisposeScope(), _places.Forward(hidden).MoveToOuterDisposeScope());
    }

    /// <summary>Which classes of a kind of label embeddings show.</summary>
    /// <param name="kind">The kind's number.</param>
    /// <param name="embeddings">[embeddings, width].</param>
    /// <returns>The scores [embeddings, classes].</returns>
    public Tensor Labels(int kind, Tensor embeddings) => _labels[kind].Forward(embeddings);
}
