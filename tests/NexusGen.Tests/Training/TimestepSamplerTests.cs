using NexusGen.Training.Configuration;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;

namespace NexusGen.Tests.Training;

public sealed class TimestepSamplerTests
{
    private const int Samples = 20_000;

    [Fact]
    public void OfficiallyAllTimestepsAreAlikeWithTheirWeights()
    {
        (int Timestep, float Weight)[] sampled = Sample(new DecoderTrainingConfiguration());

        Assert.Equal(499.5, sampled.Average(one => one.Timestep), 10.0);
        Assert.InRange(sampled.Count(one => one.Timestep < 20), Samples * 0.015, Samples * 0.025);
        Assert.All(sampled, one => Assert.Equal(FlowMatchingLoss.Weight(one.Timestep), one.Weight));
    }

    [Fact]
    public void AShareIsAtTheNoisiestWithTheWeightOne()
    {
        (int Timestep, float Weight)[] sampled =
            Sample(new DecoderTrainingConfiguration { NoisiestShare = 0.5, NoisiestTimesteps = 20 });

        Assert.InRange(sampled.Count(one => one.Timestep < 20 && one.Weight == 1), Samples * 0.48, Samples * 0.52);
        Assert.InRange(sampled.Count(one => one.Timestep < 20), Samples * 0.49, Samples * 0.53);
        Assert.All(
            sampled.Where(one => one.Timestep >= 20), one => Assert.Equal(FlowMatchingLoss.Weight(one.Timestep), one.Weight));
    }

    [Fact]
    public void AllMayHaveTheWeightOne()
    {
        (int Timestep, float Weight)[] sampled = Sample(new DecoderTrainingConfiguration { EqualTimestepWeights = true });

        Assert.Contains(sampled, one => one.Timestep > 900);
        Assert.All(sampled, one => Assert.Equal(1, one.Weight));
    }

    [Theory]
    [InlineData(-0.1, 20, "noisiest_share must be between 0 and 1")]
    [InlineData(1.1, 20, "noisiest_share must be between 0 and 1")]
    [InlineData(double.NaN, 20, "noisiest_share must be between 0 and 1")]
    [InlineData(0.5, 0, "noisiest_timesteps must be between 1 and 1000")]
    [InlineData(0.5, 1001, "noisiest_timesteps must be between 1 and 1000")]
    public void WrongValuesAreNamed(double share, int timesteps, string problem) =>
        Assert.Contains(
            problem,
            Assert.Throws<ConfigurationException>(() => new DecoderTrainingConfiguration
            {
                Data = [new DataSource { Path = "x" }],
                NoisiestShare = share,
                NoisiestTimesteps = timesteps,
            }.Validate("x")).Message);

    private static (int Timestep, float Weight)[] Sample(DecoderTrainingConfiguration configuration)
    {
        var sampler = new TimestepSampler(configuration);
        return [.. Enumerable.Range(0, Samples).Select(i => sampler.Sample((ulong)i))];
    }
}
