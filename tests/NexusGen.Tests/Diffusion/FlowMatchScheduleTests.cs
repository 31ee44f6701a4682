using NexusGen.Core;
using NexusGen.Diffusion.Sampling;
using NexusGen.Verification;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public class FlowMatchScheduleTests
{
    public static TheoryData<string> Schedules => TinyModel.Cases("schedule");

    public static TheoryData<string> Noisy => TinyModel.Cases("add-noise");

    [Theory]
    [MemberData(nameof(Schedules))]
    public void IsTheOfficialOne(string name)
    {
        using var scope = NewDisposeScope();
        using ReferenceCase reference = TinyModel.Case("schedule", name);
        var schedule = new FlowMatchSchedule(reference.Value<int>("steps"), reference.Value("denoising_strength", 1.0));
        double relative = reference.Tolerance.Relative!.Value;
        TinyModel.AssertNear(reference.ExpectedTensor("timesteps"), tensor(schedule.Timesteps.ToArray()), relative);
        if (reference.Value("training", false))
        {
            TinyModel.AssertNear(reference.ExpectedTensor("weights"), tensor(schedule.TrainingWeights()), relative);
        }
        else
        {
            TinyModel.AssertNear(reference.ExpectedTensor("sigmas"), tensor(schedule.Sigmas.ToArray()), relative);
        }
    }

    [Theory]
    [MemberData(nameof(Noisy))]
    public void AddsNoiseAndKnowsTheTarget(string name)
    {
        using var scope = NewDisposeScope();
        using ReferenceCase reference = TinyModel.Case("add-noise", name);
        var schedule = new FlowMatchSchedule(FlowMatchSchedule.TrainingSteps);
        int step = reference.Value<int>("timestep_id");
        Tensor latents = reference.Tensor("latents"), noise = reference.Tensor("noise");
        TinyModel.AssertNear(reference.ExpectedTensor("noisy"), schedule.AddNoise(latents, noise, step), 1e-5);
        TinyModel.AssertNear(reference.ExpectedTensor("target"), FlowMatchSchedule.Target(latents, noise), 1e-5);
        double weight = reference.Expected["weight"]!.GetValue<double>();
        Assert.Equal(weight, schedule.TrainingWeights()[step], 1e-5);
    }

    [Fact]
    public void WithTheTrueVelocityTheStepsEndAtTheLatents()
    {
        using var scope = NewDisposeScope();
        var schedule = new FlowMatchSchedule(5);
        Tensor latents = randn(1, 2, 4, 4), noise = randn(1, 2, 4, 4);
        Tensor x = schedule.AddNoise(latents, noise, 0);
        for (int step = 0; step < 5; step++)
        {
            Assert.True(allclose(x, schedule.AddNoise(latents, noise, step), rtol: 1e-4, atol: 1e-5));
            x = schedule.Step(x, FlowMatchSchedule.Target(latents, noise), step);
        }

        Assert.True(allclose(x, latents, rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void StepsKeepTheTypeOfTheLatents()
    {
        using var scope = NewDisposeScope();
        var schedule = new FlowMatchSchedule(3);
        Tensor x = randn(1, 2, 4, 4).to(ScalarType.BFloat16);
        Assert.Equal(ScalarType.BFloat16, schedule.Step(x, x, 1).dtype);
        Assert.Equal(ScalarType.BFloat16, schedule.AddNoise(x, x, 1).dtype);
    }

    [Theory]
    [InlineData(0, 1, "steps is 0")]
    [InlineData(-3, 1, "steps is -3")]
    [InlineData(4, 0, "strength is 0")]
    [InlineData(4, 1.5, "strength is 1.5")]
    [InlineData(4, double.NaN, "strength is NaN")]
    public void ValuesOutOfRangeAreRefused(int steps, double strength, string said) =>
        Assert.Contains(said, Assert.Throws<NexusGenException>(() => new FlowMatchSchedule(steps, strength)).Message, StringComparison.Ordinal);
}
