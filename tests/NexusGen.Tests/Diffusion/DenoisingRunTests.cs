using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Torch;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public class DenoisingRunTests
{
    private const int Height = 8;
    private const int Width = 12;
    private static readonly DenoisingOptions Options = new() { Steps = 4, Seeds = [5] };

    [Fact]
    public void DefaultsAreTheOfficialOnes()
    {
        var options = new DenoisingOptions();
        Assert.Equal((50, 1.0, 3.5, 1.0), (options.Steps, options.CfgScale, options.EmbeddedGuidance, options.DenoisingStrength));
        Assert.Null(options.TeaCacheThreshold);
    }

    [Fact]
    public void StepsCountUpToTheLastAndNoFurther()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        using DenoisingRun run = new(transformer, Options, Height, Width, SmallFlux.Condition(1));
        Assert.Equal((0, 4), (run.Completed, run.Steps));
        Assert.True(TinyModel.Same(Noise.Draw(5, [1, 16, Height, Width], ScalarType.Float32), run.Latents));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => run.Step()));
        Assert.Equal((4, 4), (run.Completed, run.ComputedSteps(0)));
        Assert.Throws<InvalidOperationException>(() => run.Step());
        Assert.Equal(4, run.Completed);
    }

    // A rule that keeps one half of a start image and denoises the other.
    [Fact]
    public void AnotherStepRuleCanKeepAMaskedPart()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        using var generator = new Generator(3);
        Tensor start = randn([1, 16, Height, Width], generator: generator);
        Tensor noise = Noise.Draw(5, [1, 16, Height, Width], ScalarType.Float32);
        Tensor masked = tensor(Enumerable.Range(0, Width).Select(column => column < Width / 2).ToArray());
        Tensor Keep(FlowMatchSchedule schedule, Tensor latents, Tensor velocity, int step)
        {
            Tensor known = step + 1 < schedule.Sigmas.Count ? schedule.AddNoise(start, noise, step + 1) : start;
            return where(masked, schedule.Step(latents, velocity, step), known);
        }

        using DenoisingRun run = Finished(
            new(transformer, Options with { Step = Keep }, Height, Width, SmallFlux.Condition(1), null, start));
        const int half = Width / 2;
        Assert.True(TinyModel.Same(start.narrow(3, half, half), run.Latents.narrow(3, half, half)));
        Assert.False(TinyModel.Same(start.narrow(3, 0, half), run.Latents.narrow(3, 0, half)));
    }

    [Theory]
    [InlineData(1.0, null, 1)]
    [InlineData(3.0, null, 1)]
    [InlineData(3.0, 0.9, 1)]
    [InlineData(3.0, null, 3)]
    [InlineData(1.0, 0.9, 3)]
    public void ABatchEqualsSingleRuns(double cfg, double? teaCache, int conditions)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        DenoisingOptions options = new() { Steps = 8, CfgScale = cfg, TeaCacheThreshold = teaCache, Seeds = [5, 1UL << 40, 7] };
        DiffusionCondition positive = SmallFlux.Condition(conditions);
        using DenoisingRun batch = Finished(new(transformer, options, Height, Width, Copy(positive), Negative(cfg)));
        for (int row = 0; row < 3; row++)
        {
            DiffusionCondition own = Copy(positive.Row(conditions == 1 ? 0 : row));
            using DenoisingRun single = Finished(
                new(transformer, options with { Seeds = [options.Seeds[row]] }, Height, Width, own, Negative(cfg)));
            TinyModel.AssertNear(single.Latents, batch.Latents.narrow(0, row, 1), 2e-5);
            Assert.Equal(single.ComputedSteps(0), batch.ComputedSteps(row));
        }
    }

    [Fact]
    public void GuidanceIsItsFormula()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        DenoisingOptions options = new() { Steps = 1, Seeds = [5] };
        using DenoisingRun both = Finished(
            new(transformer, options with { CfgScale = 3 }, Height, Width, SmallFlux.Condition(1), Negative(3)));
        using DenoisingRun positive = Finished(new(transformer, options, Height, Width, SmallFlux.Condition(1)));
        using DenoisingRun negative = Finished(new(transformer, options, Height, Width, Negative(3)!));
        TinyModel.AssertNear(negative.Latents + (3 * (positive.Latents - negative.Latents)), both.Latents, 1e-5);
    }

    [Fact]
    public void StartLatentsAreMixedWithTheNoiseOfEachSeed()
    {
        using var scope = NewDisposeScope();
        using FluxTransformer transformer = SmallFlux.Build();
        DenoisingOptions options = new() { Steps = 4, DenoisingStrength = 0.5, Seeds = [1, 2] };
        Tensor start = randn(1, 16, Height, Width);
        using DenoisingRun run = new(transformer, options, Height, Width, SmallFlux.Condition(1), startLatents: start);
        float sigma = new FlowMatchSchedule(4, 0.5).Sigmas[0];
        for (int row = 0; row < 2; row++)
        {
            Tensor noise = Noise.Draw(options.Seeds[row], [1, 16, Height, Width], ScalarType.Float32);
            TinyModel.AssertNear((start * (1 - sigma)) + (noise * sigma), run.Latents.narrow(0, row, 1), 1e-6);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void ATeaCacheOfZeroChangesNothingAndALargeOneKeepsFirstAndLast(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var placement = new Placement(CPU, type);
        using FluxTransformer transformer = SmallFlux.Build(new LoadOptions(placement));
        DenoisingOptions options = new() { Steps = 6, Seeds = [5] };
        DenoisingRun Run(double? threshold) => Finished(
            new(
                transformer,
                options with { TeaCacheThreshold = threshold },
                Height,
                Width,
                SmallFlux.Condition(1, placement: placement)));
        using DenoisingRun plain = Run(null), always = Run(0), seldom = Run(1e9);
        Assert.Equal(type, plain.Latents.dtype);
        Assert.True(TinyModel.Same(plain.Latents, always.Latents));
        Assert.Equal((6, 6, 2), (plain.ComputedSteps(0), always.ComputedSteps(0), seldom.ComputedSteps(0)));
        Assert.False(TinyModel.Same(plain.Latents, seldom.Latents));
    }

    [Theory]
    [InlineData(1.0, null)]
    [InlineData(3.0, null)]
    [InlineData(3.0, 0.9)]
    public void MemoryIsFlatAndDisposalFreesAll(double cfg, double? teaCache)
    {
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        DenoisingOptions options = new() { Steps = 6, CfgScale = cfg, TeaCacheThreshold = teaCache, Seeds = [5] };
        long outside = TinyModel.LiveTensors();
        DenoisingRun run;
        using (NewDisposeScope())
        {
            // The tensors that the run needs outlive the scope in which it was created.
            run = new DenoisingRun(transformer, options, Height, Width, Copy(SmallFlux.Condition(1)), Negative(cfg));
        }

        run.Step();
        long first = TinyModel.LiveTensors();
        while (run.Step())
        {
            Assert.Equal(first, TinyModel.LiveTensors());
        }

        run.Dispose();
        Assert.Equal(outside, TinyModel.LiveTensors());
    }

    [Fact]
    public void ANegativeConditionThatIsNotNeededIsFreedAtOnce()
    {
        using FluxTransformer transformer = SmallFlux.Build();
        using var scope = NewDisposeScope();
        DiffusionCondition negative = Negative(3)!;
        using DenoisingRun run = new(transformer, Options, Height, Width, SmallFlux.Condition(1), negative);
        Assert.True(negative.Context.IsInvalid);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using var scope = NewDisposeScope();
        using FluxTransformer transformer = SmallFlux.Build();
        Refuses("no seed", Options with { Seeds = [] });
        Refuses("steps is 0", Options with { Steps = 0 });
        Refuses("negative condition", Options with { CfgScale = 3 });
        Refuses("guidance scale (cfg) is NaN", Options with { CfgScale = double.NaN });
        Refuses("embedded guidance is Infinity", Options with { EmbeddedGuidance = double.PositiveInfinity });
        Refuses("TeaCache threshold is -1", Options with { TeaCacheThreshold = -1 });
        Refuses("7×12", Options, height: 7);
        Refuses("8×0", Options, width: 0);
        Refuses("2 rows", Options with { Seeds = [1, 2, 3] }, rows: 2);
        Refuses("[1, 16, 8, 10]", Options, start: zeros(1, 16, 8, 10));
        Refuses("[2, 16, 8, 12]", Options, start: zeros(2, 16, 8, 12));

        void Refuses(
            string said,
            DenoisingOptions options,
            int height = Height,
            int width = Width,
            int rows = 1,
            Tensor? start = null)
        {
            DiffusionCondition condition = SmallFlux.Condition(rows);
            string message = Assert.Throws<NexusGenException>(
                () => new DenoisingRun(transformer, options, height, width, condition, startLatents: start)).Message;
            Assert.Contains(said, message, StringComparison.Ordinal);

            // The caller still owns a condition that was rejected.
            Assert.False(condition.Context.IsInvalid);
        }
    }

    private static DiffusionCondition? Negative(double cfg) => cfg == 1 ? null : SmallFlux.Condition(1, tokens: 11, seed: 9);

    private static DiffusionCondition Copy(DiffusionCondition condition) =>
        new(condition.Context.clone(), condition.Pooled.clone(), condition.TextIds.clone());

    private static DenoisingRun Finished(DenoisingRun run)
    {
        while (run.Step())
        {
        }

        return run;
    }
}
