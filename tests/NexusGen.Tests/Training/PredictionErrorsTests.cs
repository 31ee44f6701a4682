using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Tests.Autoregressive;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Predictions with true inputs and with the model's own predictions as inputs.</summary>
public sealed class PredictionErrorsTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = SmallModel.Create();

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void RunningFreelyIsWhatItsOwnPredictionsLeadTo()
    {
        using IDisposable inference = no_grad();
        using AutoregressiveBatch batch = Batch();
        Tensor seen = randn(4 + 12, 48);
        Tensor forced = PredictionErrors.Predict(_model, batch, seen, plain: true, free: false);
        Tensor free = PredictionErrors.Predict(_model, batch, seen, plain: true, free: true);
        Assert.Equal([1L, 12, 48], free.shape);
        Assert.True(allclose(forced[0][0], free[0][0], 1e-4, 1e-5));
        Assert.False(allclose(forced[0][1], free[0][1], 1e-4, 1e-5));

        // With the predictions as true inputs, the same predictions result.
        Tensor same = PredictionErrors.Predict(_model, batch, cat([seen.narrow(0, 0, 4), free[0]], 0), plain: true, free: false);
        Assert.True(allclose(same, free, 1e-3, 1e-4));
    }

    [Fact]
    public void PrefilledDrawingTakesInNothingThatItDrew()
    {
        using IDisposable inference = no_grad();
        using AutoregressiveBatch batch = Batch();
        Tensor seen = randn(16, 48), other = cat([seen.narrow(0, 0, 4), randn(12, 48)], 0);
        Tensor forced = PredictionErrors.Predict(_model, batch, seen, plain: false, free: false);
        Assert.True(allclose(forced, PredictionErrors.Predict(_model, batch, other, plain: false, free: true)));
    }

    [Fact]
    public void ErrorsAreMeansOverConversationsOfThePredictionsAtEachPlace()
    {
        using IDisposable inference = no_grad();
        using var loaded = new LoadedModel();
        RgbImage photo = ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", "cat.png"));
        TrainingSample[] samples =
        [
            .. Enumerable.Range(0, 18).Select(i => new TrainingSample(
                [new("user", $"Draw number {i}."), new("assistant", "Here: <image>")],
                [Resampler.Resize(photo, 64 + i, 64, ResampleFilter.Bicubic)])),
        ];
        var measured = PredictionErrors.Measure(loaded.Files, loaded.VisionEncoder, loaded.Language, samples, plain: false);
        var forcing = new TeacherForcing(loaded.Files, loaded.VisionEncoder, loaded.Language);
        int side = loaded.Files.LanguageModel.Vision.PatchSize;
        GridThw grid = loaded.Files.Configuration.Grids.Drawn;
        Tensor wanted = forcing.SeeTargets(samples.Select(
            sample => Resampler.Resize(sample.Images[0], (int)grid.W * side, (int)grid.H * side, ResampleFilter.Bicubic)));
        Tensor predicted = cat([.. samples.Chunk(6).Select(forcing.Predict)], 0);
        float[] expected = [.. (predicted - wanted).square().mean([0L, 2L]).data<float>().ToArray()];
        Assert.Equal(expected.Length, measured.Forced.Count);
        Assert.All(expected.Zip(measured.Forced), pair => Assert.InRange(pair.Second - pair.First, -1e-4, 1e-4));
        Assert.Equal(measured.Forced, measured.Free);
        Assert.Equal(nn.functional.cosine_similarity(predicted, wanted, dim: -1).mean().item<float>(), measured.Cosine, 4);
    }

    // An image of 4 embeddings, a word, a generated image of 12, its end.
    private static AutoregressiveBatch Batch()
    {
        long[] ids = [1, 13, 15, 15, 15, 15, 14, 13, .. Enumerable.Repeat(15L, 12), 14, 2];
        long[] labels = [.. ids.Select((id, i) => i < 7 ? EncodedSample.NoLoss : id)];
        return AutoregressiveBatch.Of(
            tensor(ids).unsqueeze(0), tensor(labels).unsqueeze(0), null, [new GridThw(1, 4, 4), SmallModel.Grid], null,
            SmallModel.Configuration);
    }
}
