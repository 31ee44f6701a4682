using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// Preserves pixel information in the embeddings while the vision encoder is trained together with the language model. Without
/// it, the encoder soon keeps only the answers to questions and nothing that an image could be generated from.
/// </summary>
/// <param name="head">The head that the encoder was trained with. Takes ownership.</param>
/// <param name="pixels">The pixel normalization of the image processor.</param>
/// <param name="pieceSide">The side, in pixels, of the downscaled pieces that the head predicts.</param>
internal sealed class VisionAnchor(VisionHead head, ImageProcessorConfig pixels, int pieceSide) : IDisposable
{
    /// <summary>The weight file of the head in a checkpoint.</summary>
    public const string HeadName = SavedWeights.ThrowAway + "vision-head";

    /// <summary>Gets the head.</summary>
    public VisionHead Head { get; } = head;

    /// <summary>Computes the error of the pieces that the head predicts from embeddings.</summary>
    /// <param name="pixelValues">[patches, patch length], as the image processor returns them.</param>
    /// <param name="embeddings">[embeddings, width]: the vision encoder's output for these patches.</param>
    /// <returns>The mean squared error of pixels from −1 to 1, a scalar.</returns>
    public Tensor Error(Tensor pixelValues, Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        Tensor wanted = Pieces(pixelValues.to(ScalarType.Float32, embeddings.device));
        Tensor made = Head.Forward(embeddings).Pieces.to(ScalarType.Float32);
        return nn.functional.mse_loss(made, wanted).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Head.Dispose();

    /// <summary>Computes the pieces of images, one per embedding: [embeddings, 3 · side²], −1 to 1.</summary>
    internal Tensor Pieces(Tensor pixelValues)
    {
        // The patches of an embedding are consecutive, row by row. A patch contains several identical frames, of which one
        // suffices.
        int merge = pixels.MergeSize, patch = pixels.PatchSize, side = merge * patch;
        Tensor frame = pixelValues.view(-1, merge, merge, 3, pixels.TemporalPatchSize, patch, patch).select(4, 0);
        Tensor pictures = frame.permute(0, 3, 1, 4, 2, 5).reshape(-1, 3, side, side);
        Tensor deviation = tensor(pixels.ImageStd.Select(value => (float)value).ToArray())
            .to(pixelValues.device).view(1, 3, 1, 1);
        Tensor mean = tensor(pixels.ImageMean.Select(value => (float)value).ToArray()).to(pixelValues.device).view(1, 3, 1, 1);
        Tensor scaled = ((pictures * deviation).Plus(mean) * Scalars.Of(2)) - Scalars.Of(1);
        int reduction = side / pieceSide;
        return (reduction == 1 ? scaled : nn.functional.avg_pool2d(scaled, reduction, reduction)).flatten(1);
    }
}
