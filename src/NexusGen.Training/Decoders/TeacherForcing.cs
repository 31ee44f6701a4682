using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Torch;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Autoregressive;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// What the language model predicts when the answer is given: the data that the editing decoder is trained on
/// (<c>prepare_embeddataset_for_edit.py</c> of the official repository).
/// </summary>
/// <param name="files">The model's files.</param>
/// <param name="eye">The vision encoder; the caller's.</param>
/// <param name="model">The language model, the caller's; may be null where nothing is predicted.</param>
public sealed class TeacherForcing(ModelFiles files, VisionEncoder eye, LanguageModel? model)
{
    private readonly SampleEncoder _encoder = new(files, sourceGrid: files.Configuration.Grids.Source);

    /// <summary>The predictions of the last picture of each conversation.</summary>
    /// <param name="samples">Conversations whose last turn draws. Pictures of the user are read at the editing decoder's size.</param>
    /// <returns>[conversations, drawn embeddings, width].</returns>
    /// <exception cref="NexusGenException">A conversation draws nothing, or its marks are not its pictures.</exception>
    public Tensor Predict(IReadOnlyList<TrainingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        LanguageModelConfiguration c = files.LanguageModel;
        using AutoregressiveBatch batch = AutoregressiveBatch.Of([.. samples.Select(_encoder.Encode)], files.Tokenizer.TokenId(SpecialTokens.EndOfText), c);
        Tensor seen = eye.Forward(batch.PixelValues ?? throw NothingDrawn(), batch.Grids);
        Tensor inputs = AutoregressiveLoss.Inputs(model, batch, seen, files.Configuration.PlainAutoregression);
        Device device = model.Placement.Device;
        Tensor states = model.Forward(inputs, batch.Positions.to(device), batch.Mask?.to(device));

        // The state before a place predicts what stands there.
        List<Tensor> rows = [];
        for (int row = 0; row < samples.Count; row++)
        {
            Tensor places = batch.Labels[row].eq(Scalars.Of(c.ImageTokenId)).nonzero().squeeze(1);
            long first = places.shape[0] > 0 ? places[places.shape[0] - c.ImageTokens].item<long>() : throw NothingDrawn();
            rows.Add(model.ImageEmbeddings(states[row].narrow(0, first - 1, c.ImageTokens)));
        }

        return stack(rows).MoveToOuterDisposeScope();
    }

    /// <summary>The embeddings of the picture that each conversation edits: the last one that the user brings.</summary>
    /// <param name="samples">The conversations.</param>
    /// <returns>[conversations, source embeddings, width].</returns>
    /// <exception cref="NexusGenException">A conversation is no edit.</exception>
    public Tensor SeeSources(IReadOnlyList<TrainingSample> samples)
    {
        GridThw grid = files.Configuration.Grids.Source;
        int patch = files.LanguageModel.Vision.PatchSize;
        return See(samples.Select(sample => Resampler.Resize(PreparationCheck.SourceOf(sample), (int)grid.W * patch, (int)grid.H * patch, ResampleFilter.Bicubic)));
    }

    /// <summary>The embeddings of pictures, scaled and cropped to the grid of drawn ones.</summary>
    /// <param name="pictures">The pictures.</param>
    /// <returns>[pictures, drawn embeddings, width].</returns>
    public Tensor SeeTargets(IEnumerable<RgbImage> pictures)
    {
        GridThw grid = files.Configuration.Grids.Drawn;
        int patch = files.LanguageModel.Vision.PatchSize;
        return See(pictures.Select(picture => ImageFitting.CoverCrop(picture, (int)grid.W * patch, (int)grid.H * patch)));
    }

    private static TrainingException NothingDrawn() => new("A sample draws nothing, but predictions of drawn pictures are prepared.");

    private Tensor See(IEnumerable<RgbImage> pictures)
    {
        using var scope = NewDisposeScope();
        using ProcessedImages processed = files.ImageProcessor.Process([.. pictures], resize: false);
        Tensor seen = eye.Forward(processed.PixelValues, processed.Grids);
        return seen.view(processed.Grids.Count, -1, seen.shape[1]).MoveToOuterDisposeScope();
    }
}
