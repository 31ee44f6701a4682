using NexusGen.Core;
using NexusGen.Diffusion.Sampling;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>Noise levels, noise, and sizes of pictures.</summary>
public sealed class ScheduleTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void LevelsFallFromPureNoiseAndTheLastStepEndsAtNone()
    {
        var schedule = new FlowMatchSchedule(8);
        Assert.Equal(8, schedule.Sigmas.Count);
        Assert.Equal(1, schedule.Sigmas[0]);
        Assert.Equal(schedule.Sigmas.OrderDescending(), schedule.Sigmas);
        Assert.Equal(schedule.Sigmas.Select(sigma => sigma * 1000), schedule.Timesteps);

        // With the true velocity every step stays on the line between latents and noise, and the last one reaches the latents.
        Tensor latents = randn(2, 3), noise = randn(2, 3), x = noise.clone();
        for (int step = 0; step < 8; step++)
        {
            Assert.InRange(SmallFlux.Error(x, schedule.AddNoise(latents, noise, step)), 0, 1e-5);
            x = schedule.Step(x, FlowMatchSchedule.Target(latents, noise), step);
        }

        Assert.InRange(SmallFlux.Error(x, latents), 0, 1e-5);
    }

    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(-1, 1.0)]
    [InlineData(4, 0.0)]
    [InlineData(4, -0.5)]
    [InlineData(4, 1.01)]
    [InlineData(4, double.NaN)]
    public void StepsAndStrengthsThatCanNotBe(int steps, double strength) =>
        Assert.Matches("^The .* must be .*\\.$", Assert.Throws<NexusGenException>(() => new FlowMatchSchedule(steps, strength)).Message);

    [Fact]
    public void ASeedIsItsNoiseInEveryTypeAndShape()
    {
        Tensor noise = Noise.Draw(42, [1, 16, 8, 8], ScalarType.Float32);
        Assert.True(SmallFlux.Same(noise, Noise.Draw(42, [1, 16, 8, 8], ScalarType.Float32)));
        Assert.True(SmallFlux.Same(noise.to(ScalarType.BFloat16), Noise.Draw(42, [1, 16, 8, 8], ScalarType.BFloat16)));
        Assert.False(SmallFlux.Same(noise, Noise.Draw(43, [1, 16, 8, 8], ScalarType.Float32)));
        Assert.Equal([2, 3], Noise.Draw(ulong.MaxValue, [2, 3], ScalarType.Float32).shape);
        Assert.InRange(noise.std().item<float>(), 0.9, 1.1);
    }

    [Theory]
    [InlineData(512, 512, 512, 512)]
    [InlineData(1, 17, 16, 32)]
    [InlineData(8192, 8177, 8192, 8192)]
    [InlineData(500, 300, 512, 304)]
    public void SidesAreRoundedUp(int width, int height, int roundedWidth, int roundedHeight) =>
        Assert.Equal(new PictureSize(roundedWidth, roundedHeight), PictureSize.RoundedUp(width, height));

    [Theory]
    [InlineData(0, 512, "The width is 0 pixels")]
    [InlineData(512, -16, "The height is -16 pixels")]
    [InlineData(8193, 512, "The width is 8193 pixels")]
    [InlineData(512, int.MaxValue, "The height is 2147483647 pixels")]
    public void SidesThatCanNotBe(int width, int height, string why) =>
        Assert.Equal(why + ", but it must be between 1 and 8192.", Assert.Throws<NexusGenException>(() => PictureSize.RoundedUp(width, height)).Message);
}
