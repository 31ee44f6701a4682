using NexusGen.Torch.Operators;
using NexusGen.Training.Core;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

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

    /// <summary>Numbers in a piece.</summary>
    public long PieceLength => _pieces.OutFeatures;

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

    /// <summary>How far what embeddings show is from what others show, in the labels.</summary>
    /// <param name="embeddings">[embeddings, width].</param>
    /// <param name="wanted">[embeddings, width]: their labels, as they are read, are the right ones.</param>
    /// <returns>The mean cross-entropy, and the share of labels that are alike; scalars.</returns>
    /// <exception cref="TrainingException">The head reads no labels.</exception>
    public (Tensor Error, Tensor Right) CompareLabels(Tensor embeddings, Tensor wanted)
    {
        if (_labels.Length == 0)
        {
            throw new TrainingException("The vision encoder was trained on data without labels, so that none can be compared: set image_label_weight to 0.");
        }

        using var scope = NewDisposeScope();
        List<Tensor> errors = [], right = [];
        foreach (Linear label in _labels)
        {
            Tensor shown = label.Forward(embeddings).to(ScalarType.Float32), classes = label.Forward(wanted).argmax(1).detach();
            errors.Add(nn.functional.cross_entropy(shown, classes));
            right.Add(shown.argmax(1).eq(classes).to(ScalarType.Float32).mean());
        }

        return (stack(errors).mean().MoveToOuterDisposeScope(), stack(right).mean().MoveToOuterDisposeScope());
    }

    /// <summary>Which classes of a kind of label embeddings show.</summary>
    /// <param name="kind">The kind's number.</param>
    /// <param name="embeddings">[embeddings, width].</param>
    /// <returns>The scores [embeddings, classes].</returns>
    public Tensor Labels(int kind, Tensor embeddings) => _labels[kind].Forward(embeddings);
}
