using NexusGen.Torch.Operators;
using NexusGen.Training.Core;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// An auxiliary head for training a vision encoder, discarded afterwards. From each single embedding, it predicts the downscaled
/// pixels that the embedding covers (its piece), its position in the image, and the labels of its contents. Because the head sees
/// only one embedding, the encoder can't leave the information to others. Labels are predicted by a linear layer from the
/// embedding itself, which makes them linearly decodable.
/// </summary>
internal sealed class VisionHead : Module
{
    private readonly Linear _in;
    private readonly Linear _pieces;
    private readonly Linear _places;
    private readonly Linear[] _labels;

    /// <summary>Initializes the head and loads its weights.</summary>
    /// <param name="source">The location of the weights.</param>
    /// <param name="embeddingWidth">The width of an embedding.</param>
    /// <param name="width">The hidden width of the head.</param>
    /// <param name="pieceLength">The number of values per piece.</param>
    /// <param name="places">The number of embeddings per image.</param>
    /// <param name="labels">The kinds of labels with their number of classes.</param>
    public VisionHead(
        WeightSource source,
        long embeddingWidth,
        long width,
        long pieceLength,
        long places,
        params IEnumerable<(string Name, int Classes)> labels)
        : base(source)
    {
        _in = Own(new Linear(source["in"], embeddingWidth, width));
        _pieces = Own(new Linear(source["pieces"], width, pieceLength));
        _places = Own(new Linear(source["places"], width, places));
        _labels = [.. labels.Select(label => Own(new Linear(source["labels"][label.Name], embeddingWidth, label.Classes)))];
    }

    /// <summary>Gets the number of values per piece.</summary>
    public long PieceLength => _pieces.OutFeatures;

    /// <summary>Gets the number of kinds of labels.</summary>
    public int Kinds => _labels.Length;

    /// <summary>Predicts pieces and positions from embeddings.</summary>
    /// <param name="embeddings">[embeddings, width].</param>
    /// <returns>The pieces, [embeddings, piece length], and the logits of the positions, [embeddings, positions].</returns>
    public (Tensor Pieces, Tensor Places) Forward(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = Ops.Gelu(_in.Forward(embeddings));
        return (_pieces.Forward(hidden).MoveToOuterDisposeScope(), _places.Forward(hidden).MoveToOuterDisposeScope());
    }

    /// <summary>Compares the labels predicted from embeddings with those predicted from target embeddings.</summary>
    /// <param name="embeddings">[embeddings, width].</param>
    /// <param name="wanted">[embeddings, width]: the labels predicted from these are taken as correct.</param>
    /// <returns>The mean cross-entropy and the fraction of equal labels; scalars.</returns>
    /// <exception cref="TrainingException">The head predicts no labels.</exception>
    public (Tensor Error, Tensor Right) CompareLabels(Tensor embeddings, Tensor wanted)
    {
        if (_labels.Length == 0)
        {
            throw new TrainingException(
                "The vision encoder was trained on data without labels, so there are none to compare; set image_label_weight "
                + "to 0.");
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

    /// <summary>Predicts the classes of one kind of label from embeddings.</summary>
    /// <param name="kind">The index of the kind.</param>
    /// <param name="embeddings">[embeddings, width].</param>
    /// <returns>The logits, [embeddings, classes].</returns>
    public Tensor Labels(int kind, Tensor embeddings) => _labels[kind].Forward(embeddings);
}
