using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Tests.Autoregressive;
using NexusGen.Training.Autoregressive;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Inputs and loss of both modes.</summary>
public sealed class AutoregressiveLossTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = SmallModel.Create();

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BothModesHaveTheSameTargetsAndTheirOwnInputs(bool plain)
    {
        using AutoregressiveBatch batch = Batch();
        Tensor seen = randn(4 + 12, 48);
        Tensor targets = AutoregressiveLoss.Targets(_model, batch, seen)!;
        Assert.True(allclose(targets, seen.narrow(0, 4, 12)));
        Tensor inputs = AutoregressiveLoss.Inputs(_model, batch, seen, plain);
        Assert.True(allclose(inputs[0].narrow(0, 2, 4), seen.narrow(0, 0, 4)));
        Assert.True(allclose(inputs[0].narrow(0, 8, 12), plain ? seen.narrow(0, 4, 12) : _model.ImagePrefill));
        Assert.True(allclose(inputs[0][1], _model.Embed(tensor(13L))));
    }

    [Fact]
    public void PerfectPredictionsCostNothingAndNoTargetsAreZeros()
    {
        using IDisposable inference = no_grad();
        using AutoregressiveBatch batch = Batch();
        Tensor seen = randn(16, 48), inputs = AutoregressiveLoss.Inputs(_model, batch, seen, plain: false);
        Tensor states = _model.Forward(inputs, batch.Positions);
        Tensor predicted = _model.ImageEmbeddings(states[0].narrow(0, 7, 12));
        var perfect = AutoregressiveLoss.Compute(_model, batch, inputs, predicted);
        Assert.InRange(perfect.Mse.item<float>(), 0, 1e-9);
        Assert.InRange(perfect.Cosine.item<float>(), -1e-5, 1e-5);
        Assert.Equal(3 * perfect.Token.item<float>(), perfect.Total.item<float>(), 4);
        var none = AutoregressiveLoss.Compute(_model, batch, inputs, targets: null, tokenWeight: 0, imageWeight: 2);
        Assert.Equal(predicted.square().mean().item<float>(), none.Mse.item<float>(), 5);
        Assert.Equal(none.Mse.item<float>() + none.Cosine.item<float>(), none.Total.item<float>(), 4);
    }

    [Theory]
    [InlineData(25, 2, 24)]
    [InlineData(19, 3, 20)]
    public void ConversationsThatShareRowsCostTheSame(int packedLength, long rows, long length)
    {
        EncodedSample[] Samples()
        {
            TorchSharp.torch.random.manual_seed(3);
            int[] seeing = [1, 13, 15, 15, 15, 15, 14, 9, 2], drawing = [1, 5, 6, 7, 13, .. Enumerable.Repeat(15, 12), 14, 2],
                talking = [1, 8, 9, 4, 2];
            return
            [
                new(seeing, Learned(seeing, 7), [new GridThw(1, 4, 4)], randn(16, 48).DetachFromDisposeScope()),
                new(talking, Learned(talking, 2), [], null),
                new(drawing, Learned(drawing, 4), [SmallModel.Grid], randn(48, 48).DetachFromDisposeScope()),
                new(talking, Learned(talking, 1), [], null),
                new(seeing, Learned(seeing, 2 + 4), [new GridThw(1, 4, 4)], randn(16, 48).DetachFromDisposeScope()),
            ];
        }

        AutoregressiveLoss Loss(AutoregressiveBatch batch)
        {
            // As embedding, the first of its four patches is used.
            Tensor seen = batch.PixelValues!.view(-1, 4, 48).select(1, 0);
            Tensor inputs = AutoregressiveLoss.Inputs(_model, batch, seen, plain: false);
            return AutoregressiveLoss.Compute(_model, batch, inputs, AutoregressiveLoss.Targets(_model, batch, seen));
        }

        using IDisposable inference = no_grad();
        using var apart = AutoregressiveBatch.Of(Samples(), 0, SmallModel.Configuration);
        using var packed = AutoregressiveBatch.Of(Samples(), 0, SmallModel.Configuration, packedLength);
        Assert.Equal([5L, 19], apart.Ids.shape);
        Assert.Equal([rows, length], packed.Ids.shape);
        AutoregressiveLoss expected = Loss(apart), loss = Loss(packed);
        Assert.Equal(expected.Token.item<float>(), loss.Token.item<float>(), 5);
        Assert.Equal(expected.Mse.item<float>(), loss.Mse.item<float>(), 5);
        Assert.Equal(expected.Cosine.item<float>(), loss.Cosine.item<float>(), 5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void RepeatedPicturesCostOnceAndLoseNothing(int packedLength)
    {
        int[] ids = [1, 13, 15, 15, 15, 15, 14, 9, 13, 15, 14, 13, 15, 15, 15, 15, 14, 2];
        GridThw big = new(1, 4, 4), small = new(1, 2, 2);
        EncodedSample[] Samples(bool once) =>
        [
            new(ids, Learned(ids, 17), [big, small, big], (once ? arange(20) : arange(36).remainder(20)).unsqueeze(1))
            {
                Pictures = once ? [0, 1, 0] : [0, 1, 2],
            },
            new(ids, Learned(ids, 17), [big, small, big], (once ? arange(20, 40) : arange(36).remainder(20) + 20).unsqueeze(1))
            {
                Pictures = once ? [0, 1, 0] : [0, 1, 2],
            },
        ];
        using var all = AutoregressiveBatch.Of(Samples(once: false), 0, SmallModel.Configuration, packedLength);
        using var once = AutoregressiveBatch.Of(Samples(once: true), 0, SmallModel.Configuration, packedLength);
        Assert.Equal([72L, 1], all.PixelValues!.shape);
        Assert.Equal([40L, 1], once.PixelValues!.shape);
        Assert.Equal([big, small, big, small], once.Grids);
        Assert.True(all.Positions.equal(once.Positions).all().item<bool>());

        // As embedding, the first of its four patches is used.
        Tensor Seen(AutoregressiveBatch batch) => batch.ImagesOf(batch.PixelValues!.view(-1, 4, 1).select(1, 0));
        Assert.Equal(Seen(all).data<long>().ToArray(), Seen(once).data<long>().ToArray());
    }

    private static int[] Learned(int[] ids, int from) => [.. ids.Select((id, i) => i < from ? EncodedSample.NoLoss : id)];

    // A word, an image of 4 embeddings, words, a generated image of 12, its end.
    private static AutoregressiveBatch Batch()
    {
        long[] ids = [1, 13, 15, 15, 15, 15, 14, 13, .. Enumerable.Repeat(15L, 12), 14, 2];
        long[] labels = [.. ids.Select((id, i) => i < 7 ? -100 : id)];
        return AutoregressiveBatch.Of(
            tensor(ids).unsqueeze(0), tensor(labels).unsqueeze(0), null, [new GridThw(1, 4, 4), SmallModel.Grid], null,
            SmallModel.Configuration);
    }
}
