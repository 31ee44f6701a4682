using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>Several samplings that take their steps together.</summary>
public class JointDenoisingTests
{
    private const int Height = 8;
    private const int Width = 12;

    private static readonly DenoisingOptions[] Mixed =
    [
        new() { Steps = 4, Seeds = [5] },
        new() { Steps = 7, Seeds = [6, 7], CfgScale = 3 },
        new() { Steps = 5, Seeds = [8], EmbeddedGuidance = 1.5 },
        new() { Steps = 6, Seeds = [9], CfgScale = 1.7, DenoisingStrength = 0.6 },
    ];

    [Fact]
    public void StepsNumbersSeedsAndGuidanceMayDiffer()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        PassCounter counter = new(), single = new();
        DenoisingRun[] runs = [.. Mixed.Index().Select(item => Run(transformer, item.Item, item.Index, counter))];

        // The last one joins two steps later.
        int turns = 0;
        while (runs.Where((run, number) => run.Completed < run.Steps && (number < 3 || turns > 1)).ToArray() is { Length: > 0 } going)
        {
            DenoisingRun.StepTogether(going);
            turns++;
        }

        Assert.Equal(8, turns);
        foreach ((int number, DenoisingRun run) in runs.Index())
        {
            using DenoisingRun alone = Run(transformer, Mixed[number], number, single);
            while (alone.Step())
            {
            }

            TinyModel.AssertNear(alone.Latents, run.Latents, 1e-5);
            run.Dispose();
        }

        // The rows are the same, the passes fewer: one a turn, and one more while someone is guided.
        Assert.Equal(single.Rows, counter.Rows);
        Assert.Equal((16, 35), (counter.Passes, single.Passes));
        Assert.Equal(5, counter.MostRows);
    }

    [Fact]
    public void OnlyWhatFitsIsShared()
    {
        using var scope = NewDisposeScope();
        using FluxTransformer transformer = SmallFlux.Build(), other = SmallFlux.Build();
        DenoisingOptions plain = new() { Steps = 4, Seeds = [5] }, guided = plain with { CfgScale = 3 };
        using DenoisingRun run = New(transformer, guided);
        Shares(true, New(transformer, guided with { Steps = 9, Seeds = [1, 2], CfgScale = 2 }));
        Shares(true, New(transformer, plain, negative: 5));
        Shares(false, New(other, guided));
        Shares(false, New(transformer, guided, height: 10));
        Shares(false, New(transformer, guided, height: Width, width: Height));
        Shares(false, New(transformer, guided, positive: 8));
        Shares(false, New(transformer, guided, negative: 5));
        Shares(false, New(transformer, guided with { TeaCacheThreshold = 0.1 }));

        DenoisingRun New(FluxTransformer of, DenoisingOptions options, int height = Height, int width = Width, int positive = 7, int negative = 11) =>
            new(of, options, height, width, SmallFlux.Condition(1, positive), SmallFlux.Condition(1, negative));

        void Shares(bool expected, DenoisingRun second)
        {
            Assert.Equal((expected, expected), (run.CanShare(second), second.CanShare(run)));
            second.Dispose();
        }
    }

    [Fact]
    public void MemoryIsFlatAndDisposalFreesAll()
    {
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        long outside = TinyModel.LiveTensors();
        DenoisingRun[] runs;
        using (NewDisposeScope())
        {
            runs = [.. Mixed.Index().Select(item => Run(transformer, item.Item, item.Index, new()))];
        }

        long before = TinyModel.LiveTensors();
        for (int i = 0; i < 4; i++)
        {
            DenoisingRun.StepTogether(runs);
            Assert.Equal(before, TinyModel.LiveTensors());
        }

        foreach (DenoisingRun run in runs)
        {
            run.Dispose();
        }

        Assert.Equal(outside, TinyModel.LiveTensors());
    }

    private static DenoisingRun Run(FluxTransformer transformer, DenoisingOptions options, int number, PassCounter counter) => new(
        transformer, options, Height, Width, SmallFlux.Condition(1, seed: (ulong)(20 + number)),
        options.CfgScale == 1 ? null : SmallFlux.Condition(1, tokens: 11, seed: (ulong)(30 + number)))
    { Counter = counter };
}
