using NexusGen.Diffusion;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public sealed class DenoisingRunTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();
    private readonly FluxTransformer _model = SmallFlux.Create();

    public void Dispose()
    {
        _model.Dispose();
        _inference.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(1.0, null)]
    [InlineData(2.5, null)]
    [InlineData(2.5, 0.6)]
    public void ABatchOfSeedsAndConditionsEqualsSingleRuns(double cfg, double? threshold)
    {
        ulong[] seeds = [4, 77, 4, 1];
        DenoisingOptions Options(params ulong[] own) => new() { Steps = 9, CfgScale = cfg, Seeds = own, TeaCacheThreshold = threshold };
        Tensor batch = Paint(Options(seeds), SmallFlux.Condition(3, 4), SmallFlux.Condition(8, 1, 12), out int[] computed);
        for (int row = 0; row < seeds.Length; row++)
        {
            DiffusionCondition all = SmallFlux.Condition(3, 4);
            var own = new DiffusionCondition(all.Context.narrow(0, row, 1), all.Pooled.narrow(0, row, 1), all.TextIds.narrow(0, row, 1));
            Tensor single = Paint(Options(seeds[row]), own, SmallFlux.Condition(8, 1, 12), out int[] alone);
            Assert.InRange(SmallFlux.Error(batch.narrow(0, row, 1), single), 0, 2e-5);
            Assert.Equal(alone[0], computed[row]);
        }

        Assert.InRange(SmallFlux.Error(batch.narrow(0, 0, 1), batch.narrow(0, 2, 1)), 1e-4, 10);
    }

    [Fact]
    public void GuidanceOfOneNeedsNoNegativeAndOthersDo()
    {
        var options = new DenoisingOptions { Steps = 2, CfgScale = 1 };
        Tensor without = Paint(options, SmallFlux.Condition(3), null, out _), with = Paint(options, SmallFlux.Condition(3), SmallFlux.Condition(8), out _);
        Assert.True(SmallFlux.Same(without, with));
        Assert.Throws<ArgumentNullException>(() => new DenoisingRun(_model, options with { CfgScale = 3 }, 4, 6, SmallFlux.Condition(3)));
    }

    [Fact]
    public void EachBranchHasATeaCacheOfItsOwn()
    {
        const int steps = 12;
        const double threshold = 0.6, cfg = 3;
        using DiffusionCondition positive = SmallFlux.Condition(3), negative = SmallFlux.Condition(8, 1, 12);
        using TeaCache forPositive = new(steps, threshold), forNegative = new(steps, threshold);
        var schedule = new FlowMatchSchedule(steps);
        Tensor latents = Noise.Draw(9, [1, 16, 4, 6], ScalarType.Float32);
        for (int step = 0; step < steps; step++)
        {
            Tensor Velocity(DiffusionCondition c, TeaCache cache) => _model.Forward(
                latents, tensor(new[] { schedule.Timesteps[step] }), c.Context, c.Pooled, tensor(new[] { 3.5f }), c.TextIds, cache);
            Tensor toward = Velocity(positive, forPositive), away = Velocity(negative, forNegative);
            latents = schedule.Step(latents, away + ((toward - away) * cfg), step);
        }

        var options = new DenoisingOptions { Steps = steps, CfgScale = cfg, Seeds = [9], TeaCacheThreshold = threshold };
        Tensor painted = Paint(options, SmallFlux.Condition(3), SmallFlux.Condition(8, 1, 12), out int[] computed);
        Assert.True(SmallFlux.Same(latents, painted));
        Assert.Equal(forPositive.ComputedSteps, computed[0]);
        Assert.InRange(computed[0], 2, steps - 1);
    }

    [Fact]
    public void TeaCacheOfNoThresholdComputesEverythingAndOfAnEndlessOneOnlyTheEnds()
    {
        var options = new DenoisingOptions { Steps = 6, Seeds = [9] };
        Tensor exact = Paint(options, SmallFlux.Condition(3), null, out _);
        Tensor all = Paint(options with { TeaCacheThreshold = 0 }, SmallFlux.Condition(3), null, out int[] every);
        Paint(options with { TeaCacheThreshold = double.MaxValue }, SmallFlux.Condition(3), null, out int[] ends);
        Paint(options with { TeaCacheThreshold = double.MaxValue, Steps = 1 }, SmallFlux.Condition(3), null, out int[] one);
        Assert.True(SmallFlux.Same(exact, all));
        Assert.Equal([6, 2, 1], [every[0], ends[0], one[0]]);
    }

    [Fact]
    public void StartLatentsGetTheNoiseOfTheStrength()
    {
        Tensor start = randn([1, 16, 4, 6], generator: new Generator(2));
        var options = new DenoisingOptions { Steps = 5, Seeds = [9, 10], DenoisingStrength = 0.4 };
        using var run = new DenoisingRun(_model, options, 4, 6, SmallFlux.Condition(3), startLatents: start);
        float sigma = new FlowMatchSchedule(5, 0.4).Sigmas[0];
        for (int row = 0; row < 2; row++)
        {
            Tensor expected = (start * (1 - sigma)) + (Noise.Draw(options.Seeds[row], [1, 16, 4, 6], ScalarType.Float32) * sigma);
            Assert.InRange(SmallFlux.Error(run.Latents.narrow(0, row, 1), expected), 0, 1e-6);
        }
    }

    [Theory]
    [InlineData(4, 5, "5×4")]
    [InlineData(0, 4, "4×0")]
    [InlineData(-2, 4, "4×-2")]
    public void SidesThatCanNotBePainted(long height, long width, string said) => Refused(new(), height, width, null, said, "even");

    [Fact]
    public void OptionsThatCanNotBe()
    {
        Refused(new() { Steps = 0 }, 4, 6, null, "steps is 0", "at least 1");
        Refused(new() { Steps = -3 }, 4, 6, null, "steps is -3");
        Refused(new() { DenoisingStrength = 0 }, 4, 6, null, "strength is 0", "above 0 and at most 1");
        Refused(new() { DenoisingStrength = 1.2 }, 4, 6, null, "strength is 1.2");
        Refused(new() { DenoisingStrength = double.NaN }, 4, 6, null, "strength is NaN");
        Refused(new() { CfgScale = double.NaN }, 4, 6, null, "cfg");
        Refused(new() { EmbeddedGuidance = double.PositiveInfinity }, 4, 6, null, "embedded guidance");
        Refused(new() { TeaCacheThreshold = -1 }, 4, 6, null, "threshold is -1");
        Refused(new() { Seeds = [] }, 4, 6, null, "no seed");
        Refused(new() { Seeds = [1, 2] }, 4, 6, zeros(3, 16, 4, 6), "[3, 16, 4, 6]", "[1 or 2, 16, 4, 6]");
        Refused(new(), 4, 6, zeros(1, 16, 4, 4), "[1, 16, 4, 4]");
    }

    private void Refused(DenoisingOptions options, long height, long width, Tensor? start, params string[] parts)
    {
        string message = Assert.Throws<NexusGenException>(() => new DenoisingRun(_model, options, height, width, SmallFlux.Condition(3), SmallFlux.Condition(8), start)).Message;
        Assert.EndsWith(".", message);
        Assert.All(parts, part => Assert.Contains(part, message));
    }

    private Tensor Paint(DenoisingOptions options, DiffusionCondition positive, DiffusionCondition? negative, out int[] computed)
    {
        using var run = new DenoisingRun(_model, options, 4, 6, positive, negative);
        while (run.Step())
        {
        }

        Assert.Equal(options.Steps, run.Completed);
        computed = [.. options.Seeds.Select((_, row) => run.ComputedSteps(row))];
        return run.Latents.clone();
    }
}
