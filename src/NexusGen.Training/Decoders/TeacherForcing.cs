using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Torch;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// Computes the embeddings that decoders are trained on with teacher forcing: the language model predicts image embeddings when
/// the answer is given (<c>prepare_embeddataset_for_edit.py</c> of the official repository).
/// </summary>
/// <param name="files">The files of the model.</param>
/// <param name="visionEncoder">The vision encoder. The caller owns it.</param>
/// <param name="model">The language model. The caller owns it. May be null if nothing is predicted.</param>
internal sealed class TeacherForcing(ModelFiles files, VisionEncoder visionEncoder, LanguageModel? model)
{
    private readonly SampleEncoder _encoder = new(files, sourceGrid: files.Configuration.Grids.Source);

    /// <summary>Predicts the embeddings of the last generated image of each conversation.</summary>
    /// <param name="samples">
    /// Conversations that generate an image. The user's images are resized to the editing decoder's source grid.
    /// </param>
    /// <returns>[conversations, target embeddings, width].</returns>
    /// <exception cref="NexusGenException">
    /// A conversation generates no image, or the number of its image marks differs from the number of its images.
    /// </exception>
    public Tensor Predict(IReadOnlyList<TrainingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        LanguageModelConfiguration c = files.LanguageModel;
        using AutoregressiveBatch batch = AutoregressiveBatch.Of(
            [.. samples.Select(_encoder.Encode)], files.Tokenizer.TokenId(SpecialTokens.EndOfText), c);
        Tensor seen = batch.ImagesOf(visionEncoder.Forward(batch.PixelValues ?? throw NoImages(), batch.Grids));
        Tensor inputs = AutoregressiveLoss.Inputs(model, batch, seen, files.Configuration.PlainAutoregression);
        Device device = model.Placement.Device;
        Tensor states = model.Forward(inputs, batch.Positions.to(device), batch.Mask?.to(device));

        // The state before a position predicts the embedding at that position.
        List<Tensor> rows = [];
        for (int row = 0; row < samples.Count; row++)
        {
            Tensor places = batch.Labels[row].eq(Scalars.Of(c.ImageTokenId)).nonzero().squeeze(1);
            long first = places.shape[0] > 0 ? places[places.shape[0] - c.ImageTokens].item<long>() : throw NoImages();
            rows.Add(model.ImageEmbeddings(states[row].narrow(0, first - 1, c.ImageTokens)));
        }

        return stack(rows).MoveToOuterDisposeScope();
    }

    /// <summary>Computes the embeddings of the image that each conversation edits: the last one of the user.</summary>
    /// <param name="samples">The conversations.</param>
    /// <returns>[conversations, source embeddings, width].</returns>
    /// <exception cref="NexusGenException">A conversation is no edit.</exception>
    public Tensor SeeSources(IReadOnlyList<TrainingSample> samples)
    {
        GridThw grid = files.Configuration.Grids.Source;
        int patch = files.LanguageModel.Vision.PatchSize;
        return See(samples.Select(sample => Resampler.Resize(
            DecoderDatasetValidation.SourceOf(sample),
            (int)grid.W * patch,
            (int)grid.H * patch,
            ResampleFilter.Bicubic)));
    }

    /// <summary>Computes the embeddings of images, scaled and cropped to the grid of generated images.</summary>
    /// <param name="pictures">The images.</param>
    /// <returns>[images, target embeddings, width].</returns>
    public Tensor SeeTargets(IEnumerable<RgbImage> pictures)
    {
        GridThw grid = files.Configuration.Grids.Drawn;
        int patch = files.LanguageModel.Vision.PatchSize;
        return See(pictures.Select(picture => ImageFitting.CoverCrop(picture, (int)grid.W * patch, (int)grid.H * patch)));
    }

    /// <summary>Checks whether <see cref="SeeTargets"/> can scale an image.</summary>
    /// <param name="picture">The image.</param>
    /// <param name="files">The files of the model.</param>
    /// <exception cref="NexusGenException">The image is too narrow.</exception>
    public static void CheckTarget(RgbImage picture, ModelFiles files)
    {
        GridThw grid = files.Configuration.Grids.Drawn;
        int patch = files.LanguageModel.Vision.PatchSize;
        _ = ImageFitting.CoverSize(picture, (int)grid.W * patch, (int)grid.H * patch);
    }

    private static TrainingException NoImages() =>
        new("A sample generates no image, but predictions of generated images are prepared.");

    private Tensor See(IEnumerable<RgbImage> pictures)
    {
        using var scope = NewDisposeScope();
        using ProcessedImages processed = files.ImageProcessor.Process([.. pictures], resize: false);
        Tensor seen = visionEncoder.Forward(processed.PixelValues, processed.Grids);
        return seen.view(processed.Grids.Count, -1, seen.shape[1]).MoveToOuterDisposeScope();
    }
}
