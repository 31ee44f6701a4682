using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// Keeps what embeddings know of pixels while the vision encoder is trained together with the language model: without it the
/// encoder soon tells what questions ask for, and nothing that a picture could be painted from.
/// </summary>
/// <param name="head">The head that the encoder was trained with; taken over.</param>
/// <param name="pixels">How the image processor scales pixels.</param>
/// <param name="pieceSide">Side of the reduced pieces that the head gives back.</param>
public sealed class VisionAnchor(VisionHead head, ImageProcessorConfig pixels, int pieceSide) : IDisposable
{
    /// <summary>The file of the head's weights in a checkpoint.</summary>
    public const string HeadName = SavedWeights.ThrowAway + "vision-head";

    /// <summary>The head.</summary>
    public VisionHead Head { get; } = head;

    /// <summary>How far what the head makes of embeddings is from the pictures' pieces.</summary>
    /// <param name="pixelValues">[patches, patch length], as the image processor gives them.</param>
    /// <param name="embeddings">[embeddings, width]: what the encoder makes of them.</param>
    /// <returns>The mean squared error, pixels from −1 to 1; a scalar.</returns>
    public Tensor Error(Tensor pixelValues, Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        Tensor wanted = Pieces(pixelValues.to(ScalarType.Float32, embeddings.device));
        Tensor made = Head.Forward(embeddings).Pieces.to(ScalarType.Float32);
        return nn.functional.mse_loss(made, wanted).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Head.Dispose();

    /// <summary>The pieces of pictures, one an embedding: [embeddings, 3 · side²], −1 to 1.</summary>
    internal Tensor Pieces(Tensor pixelValues)
    {
        // The patches of an embedding follow each other, row by row; of a patch's frames one is enough.
        int merge = pixels.MergeSize, patch = pixels.PatchSize, side = merge * patch;
        Tensor frame = pixelValues.view(-1, merge, merge, 3, pixels.TemporalPatchSize, patch, patch).select(4, 0);
        Tensor pictures = frame.permute(0, 3, 1, 4, 2, 5).reshape(-1, 3, side, side);
        Tensor deviation = tensor(pixels.ImageStd.Select(value => (float)value).ToArray()).to(pixelValues.device).view(1, 3, 1, 1);
        Tensor mean = tensor(pixels.ImageMean.Select(value => (float)value).ToArray()).to(pixelValues.device).view(1, 3, 1, 1);
        Tensor scaled = ((pictures * deviation).Plus(mean) * Scalars.Of(2)) - Scalars.Of(1);
        int reduction = side / pieceSide;
        return (reduction == 1 ? scaled : nn.functional.avg_pool2d(scaled, reduction, reduction)).flatten(1);
    }
}
