using NexusGen.Autoregressive;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

public sealed class TokenSamplerTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void DrawsFollowTheProbabilities()
    {
        Tensor logits = tensor(new[] { 0.5f, 0.25f, 0.2f, 0.05f, 0 }).log();
        using var sampler = new TokenSampler(new SamplingOptions { Seed = 3 });
        int[] counts = new int[5];
        for (int i = 0; i < 4000; i++)
        {
            counts[sampler.Next(logits, [])]++;
        }

        Assert.InRange(counts[0], 1850, 2150);
        Assert.InRange(counts[1], 880, 1120);
        Assert.InRange(counts[3], 140, 260);
        Assert.Equal(0, counts[4]);
    }

    [Fact]
    public void ThePenaltyCountsATokenOnceAndComesBeforeTheTemperature()
    {
        Tensor logits = tensor(new[,] { { 2f, -1, 0.5f } }), once = tensor(new long[,] { { 0, 1 } }), often = tensor(new long[,] { { 0, 1, 0, 0, 1 } });
        var options = new SamplingOptions { RepetitionPenalty = 2, Temperature = 0.5 };
        Tensor expected = tensor(new[,] { { 2f, -4, 1 } }).softmax(1);
        Assert.True(allclose(TokenSampler.Probabilities(logits, once, options), expected));
        Assert.True(allclose(TokenSampler.Probabilities(logits, often, options), expected));
        Assert.Equal(2f, logits[0, 0].item<float>());
    }

    [Fact]
    public void TopKAndTopPKeepTheBest()
    {
        Tensor logits = tensor(new[,] { { 0.4f, 0.3f, 0.2f, 0.1f } }).log(), none = empty([1, 0], ScalarType.Int64);
        float[] Kept(SamplingOptions options) => TokenSampler.Probabilities(logits, none, options).data<float>().ToArray();
        Assert.Equal([0.4f, 0.3f, 0.2f, 0.1f], Kept(new() { TopK = 9 }), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([0.57142857f, 0.42857143f, 0, 0], Kept(new() { TopK = 2 }), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([0.57142857f, 0.42857143f, 0, 0], Kept(new() { TopP = 0.6 }), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1f, 0, 0, 0], Kept(new() { TopP = 1e-9 }));
        Assert.Equal([1f, 0, 0, 0], Kept(new() { Temperature = 0 }));
    }

    [Fact]
    public void SixteenBitScoresAreChosenFromInThirtyTwo()
    {
        using var sampler = new TokenSampler(new SamplingOptions { Temperature = 0, RepetitionPenalty = 1.5 });
        Assert.Equal(1, sampler.Next(tensor(new[] { 3f, 2.5f, 1 }).to(ScalarType.BFloat16), [0, 0]));
    }
}
