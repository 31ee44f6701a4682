using NexusGen.Autoregressive;
using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of sampling the next token.</summary>
public sealed class TokenSamplerTests : InferenceTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(1e-6)]
    public void WithoutTemperatureTheBestIsTaken(double temperature)
    {
        using var sampler = new TokenSampler(
            new SamplingOptions { Temperature = temperature, RepetitionPenalty = 1.5, TopK = 2 });
        Tensor logits = tensor(new[] { -1f, 3f, 2.5f, 0f });
        Assert.Equal(1, sampler.Next(logits, [0]));
        Assert.Equal(2, sampler.Next(logits, [1, 1, 1]));
    }

    [Fact]
    public void ANegativeScoreIsMadeWorseToo()
    {
        using var sampler = new TokenSampler(new SamplingOptions { Temperature = 0, RepetitionPenalty = 2 });
        Assert.Equal(1, sampler.Next(tensor(new[] { -1f, -1.5f }), [0]));
    }

    [Fact]
    public void TheSameSeedGivesTheSameDrawsAndAnotherOthers()
    {
        Tensor logits = randn(500, generator: new Generator(1));
        int[] Draw(ulong seed)
        {
            using var sampler = new TokenSampler(new SamplingOptions { Seed = seed });
            return [.. Enumerable.Range(0, 20).Select(_ => sampler.Next(logits, []))];
        }

        Assert.Equal(Draw(7), Draw(7));
        Assert.NotEqual(Draw(7), Draw(8));
    }

    [Fact]
    public void DrawsFollowTheProbabilities()
    {
        var options = new SamplingOptions { Temperature = 0.8, TopK = 3, Seed = 5 };
        Tensor logits = tensor(new[] { 0f, 1f, 2f, 1.5f, -1f });
        float[] expected = TokenSampler.Probabilities(logits.unsqueeze(0), zeros([1, 0], dtype: ScalarType.Int64), options)
            .data<float>().ToArray();
        using var sampler = new TokenSampler(options);
        int[] counts = new int[5];
        for (int i = 0; i < 4000; i++)
        {
            counts[sampler.Next(logits, [])]++;
        }

        Assert.Equal((0, 0), (counts[0], counts[4]));
        Assert.All(counts.Zip(expected), pair => Assert.InRange(pair.First / 4000f, pair.Second - 0.04f, pair.Second + 0.04f));
    }

    [Fact]
    public void TopPAlwaysLeavesTheBest()
    {
        Tensor probabilities = TokenSampler.Probabilities(
            tensor(new[,] { { 1f, 2f, 1.9f } }), zeros([1, 0], dtype: ScalarType.Int64), new SamplingOptions { TopP = 0 });
        Assert.Equal([0f, 1f, 0f], probabilities.data<float>().ToArray());
    }

    [Theory]
    [InlineData(-1, 0, 1, 1, "temperature")]
    [InlineData(double.NaN, 0, 1, 1, "temperature")]
    [InlineData(1, -1, 1, 1, "top-k")]
    [InlineData(1, 0, 1.1, 1, "top-p")]
    [InlineData(1, 0, 1, 0, "repetition penalty")]
    public void AnOptionOutOfRangeIsNamed(double temperature, int topK, double topP, double penalty, string said)
    {
        var options = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, RepetitionPenalty = penalty };
        Assert.Contains(said, Assert.Throws<NexusGenException>(() => new TokenSampler(options)).Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ScoresThatAreNotNumbersAreRefused(float strange)
    {
        using var sampler = new TokenSampler(new SamplingOptions());
        Assert.Contains(
            "not numbers",
            Assert.Throws<NexusGenException>(() => sampler.Next(tensor(new[] { 1f, strange, 0f }), [])).Message);
    }

    [Fact]
    public void ThePenaltyCountsATokenOnceAndComesBeforeTheTemperature()
    {
        Tensor logits = tensor(new[,] { { 2f, -1, 0.5f } }),
            once = tensor(new long[,] { { 0, 1 } }),
            often = tensor(new long[,] { { 0, 1, 0, 0, 1 } });
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
