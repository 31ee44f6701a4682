using NexusGen.Autoregressive;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Torch;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>
/// The errors of a language model's predicted image embeddings, position by position within an image: with the true inputs, as in
/// training, and with its own predictions as inputs, as in inference. Section 3 of the paper compares the two ways to generate
/// embeddings by this: plain autoregression receives its own errors as inputs, prefilled autoregression receives none of its
/// predictions.
/// </summary>
/// <param name="Forced">The mean squared error at each position with true inputs (teacher forcing).</param>
/// <param name="Free">The mean squared error at each position when each prediction is the input of the next position.</param>
/// <param name="Cosine">The mean cosine similarity of predicted and true embeddings, with predictions as inputs.</param>
internal sealed record PredictionErrors(IReadOnlyList<double> Forced, IReadOnlyList<double> Free, double Cosine)
{
    private const int BatchSize = 16;

    /// <summary>Measures the errors on conversations that end with a generated image.</summary>
    /// <param name="files">The files of the model.</param>
    /// <param name="visionEncoder">The vision encoder. The caller owns it.</param>
    /// <param name="model">The language model. The caller owns it.</param>
    /// <param name="samples">The conversations.</param>
    /// <param name="plain">Whether the model uses plain autoregression.</param>
    /// <param name="cancellation">Cancels the measurement between two batches.</param>
    /// <exception cref="TrainingException">A conversation generates no image.</exception>
    public static PredictionErrors Measure(
        ModelFiles files,
        VisionEncoder visionEncoder,
        LanguageModel model,
        IReadOnlyList<TrainingSample> samples,
        bool plain,
        CancellationToken cancellation = default)
    {
        var encoder = new SampleEncoder(files);
        using var scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        int places = files.LanguageModel.ImageTokens;
        Tensor forced = zeros([places], dtype: ScalarType.Float64), free = zeros([places], dtype: ScalarType.Float64);
        double cosine = 0;
        foreach (TrainingSample[] some in samples.Chunk(BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            using var batch = AutoregressiveBatch.Of(
                [.. some.Select(encoder.Encode)], files.Tokenizer.TokenId(SpecialTokens.EndOfText), files.LanguageModel);
            Tensor seen = batch.ImagesOf(visionEncoder.Forward(batch.PixelValues ?? throw NoImages(), batch.Grids));
            Tensor wanted = True(model, batch, seen).to(ScalarType.Float32);
            Tensor given = Predict(model, batch, seen, plain, free: false);
            Tensor drawn = plain ? Predict(model, batch, seen, plain, free: true) : given;
            forced.AddInPlace(Error(given, wanted));
            free.AddInPlace(Error(drawn, wanted));
            cosine += nn.functional.cosine_similarity(drawn.to(ScalarType.Float32), wanted, dim: -1)
                .mean([1L]).sum().item<float>();
        }

        return new PredictionErrors(
            (forced / Scalars.Of(samples.Count)).data<double>().ToArray(),
            (free / Scalars.Of(samples.Count)).data<double>().ToArray(),
            cosine / samples.Count);
    }

    /// <summary>Predicts the embeddings of the last generated image of each row.</summary>
    /// <returns>[rows, image tokens, width].</returns>
    internal static Tensor Predict(LanguageModel model, AutoregressiveBatch batch, Tensor seen, bool plain, bool free)
    {
        using var scope = NewDisposeScope();
        int places = model.Configuration.ImageTokens;
        Tensor inputs = AutoregressiveLoss.Inputs(model, batch, seen, plain).clone();
        int[] first = FirstPlaces(model, batch);
        Tensor Run()
        {
            Device device = model.Placement.Device;
            Tensor states = model.Forward(inputs, batch.Positions.to(device), batch.Mask?.to(device));
            return stack([.. first.Select((place, row) => model.ImageEmbeddings(states[row].narrow(0, place - 1, places)))]);
        }

        if (!free || !plain)
        {
            return Run().MoveToOuterDisposeScope();
        }

        // There is no key-value cache: each pass predicts one more position from the predictions before it.
        for (int i = 0; i + 1 < places; i++)
        {
            using var pass = NewDisposeScope();
            Tensor drawn = Run();
            for (int row = 0; row < first.Length; row++)
            {
                inputs[row][first[row] + i].copy_(drawn[row][i]);
            }
        }

        return Run().MoveToOuterDisposeScope();
    }

    private static Tensor True(LanguageModel model, AutoregressiveBatch batch, Tensor seen)
    {
        Tensor inputs = AutoregressiveLoss.Inputs(model, batch, seen, plain: true);
        int places = model.Configuration.ImageTokens;
        return stack([.. FirstPlaces(model, batch).Select((place, row) => inputs[row].narrow(0, place, places))]);
    }

    // The image token is a label only in generated images.
    private static int[] FirstPlaces(LanguageModel model, AutoregressiveBatch batch)
    {
        int places = model.Configuration.ImageTokens;
        long image = model.Configuration.ImageTokenId, length = batch.Labels.shape[1];
        return
        [
            .. batch.Labels.data<long>().ToArray().Chunk((int)length).Select(row =>
                Array.LastIndexOf(row, image) is int last && last >= places ? last + 1 - places : throw NoImages()),
        ];
    }

    private static Tensor Error(Tensor predicted, Tensor wanted) =>
        (predicted.to(ScalarType.Float32) - wanted).Squared().mean([2L]).sum([0L]).to(ScalarType.Float64, CPU);

    private static TrainingException NoImages() =>
        new("A sample generates no image, but the errors of generated images are measured.");
}
