using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Jobs;
using NexusGen.Tests.Diffusion;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Jobs;

public sealed class DenoisingBatcherTests : IDisposable
{
    private readonly IDisposable _inference = no_grad();
    private readonly IDisposable _scope = NewDisposeScope();
    private readonly FluxTransformer _transformer = SmallFlux.Build();

    public void Dispose()
    {
        _transformer.Dispose();
        _scope.Dispose();
        _inference.Dispose();
    }

    [Theory]
    [InlineData(1, 5, 20)]
    [InlineData(2, 5, 12)]
    [InlineData(3, 5, 8)]
    [InlineData(8, 5, 4)]
    public void AsManyAsAllowedShareAPassAndAllAdvanceAlike(int maxBatch, int runs, int passes)
    {
        var shared = new DenoisingBatcher(maxBatch);
        DenoisingBatcher.Slot[] places = [.. Enumerable.Range(0, runs).Select(i => Join(shared, i))];
        for (int round = 1; round <= 4; round++)
        {
            foreach (DenoisingBatcher.Slot place in places)
            {
                // Each turn is a step, no matter which job ran it.
                Assert.Equal(round < 4, place.Step());
                Assert.InRange(place.Run.Completed, round, round + 1);
            }
        }

        Assert.Equal(20, shared.Counter.Rows);
        Assert.InRange(shared.Counter.Passes, 20 / Math.Min(maxBatch, runs), passes);
        Assert.Equal(Math.Min(maxBatch, runs), shared.Counter.MostRows);
    }

    [Fact]
    public void PicturesAndTheirTokensAreBounded()
    {
        var shared = new DenoisingBatcher(4);
        DenoisingBatcher.Slot three = Join(shared, 1, new DenoisingOptions { Steps = 2, Seeds = [1, 2, 3] });
        DenoisingBatcher.Slot two = Join(shared, 2, new DenoisingOptions { Steps = 2, Seeds = [4, 5] }), one = Join(shared, 3);
        three.Step();
        Assert.Equal((1, 0, 1), (three.Run.Completed, two.Run.Completed, one.Run.Completed));

        // An image of 2,304 tokens and another of its size would exceed 4,096.
        var wide = new DenoisingBatcher(8);
        DenoisingBatcher.Slot first = Join(wide, 1, side: 96), second = Join(wide, 2, side: 96);
        first.Step();
        Assert.Equal((1, 0), (first.Run.Completed, second.Run.Completed));
        foreach (DenoisingBatcher.Slot place in (DenoisingBatcher.Slot[])[three, two, one, first, second])
        {
            Leave(place);
        }
    }

    [Fact]
    public void WhoLeavesIsNotSteppedAnyMoreAndTheOthersGoOn()
    {
        var shared = new DenoisingBatcher(8);
        DenoisingBatcher.Slot[] places = [.. Enumerable.Range(0, 3).Select(i => Join(shared, i))];
        places[0].Step();
        Leave(places[1]);
        places[2].Step();
        while (places[0].Step() | places[2].Step())
        {
        }

        foreach (int number in (int[])[0, 2])
        {
            DenoisingBatcher.Slot alone = Join(new DenoisingBatcher(1), number);
            while (alone.Step())
            {
            }

            TinyModel.AssertNear(alone.Run.Latents, places[number].Run.Latents, 1e-5);
            Leave(alone);
            Leave(places[number]);
        }
    }

    // Images with different LoRAs, with the same one and with none are denoised in one pass, each as it is alone.
    [Fact]
    public void ImagesWithDifferentLorasShareAPass()
    {
        LinearDeltas[] own = [Deltas(1), Deltas(2)];
        LinearDeltas?[] of = [own[0], null, own[1], own[1]];
        var shared = new DenoisingBatcher(4);
        DenoisingBatcher.Slot[] together = [.. of.Select((deltas, i) => Join(shared, i, deltas: deltas))];
        while (together.Count(slot => slot.Step()) > 0)
        {
        }

        Assert.Equal(4, shared.Counter.Passes);
        Tensor plain = Alone(0, null);
        Assert.False(allclose(plain, together[0].Run.Latents, atol: 1e-3));
        foreach ((int i, DenoisingBatcher.Slot slot) in together.Index())
        {
            TinyModel.AssertNear(Alone(i, of[i]), slot.Run.Latents, 1e-5);
            Leave(slot);
        }

        Tensor Alone(int number, LinearDeltas? deltas)
        {
            DenoisingBatcher.Slot slot = Join(new DenoisingBatcher(1), number, deltas: deltas);
            while (slot.Step())
            {
            }

            Tensor latents = slot.Run.Latents.clone();
            Leave(slot);
            return latents;
        }
    }

    [Fact]
    public void APassThatFailsEndsAllThatSharedItAndNoOther()
    {
        var shared = new DenoisingBatcher(2);
        DiffusionCondition condition = SmallFlux.Condition(1, seed: 50);
        DenoisingBatcher.Slot damaged = shared.Join(
            new DenoisingRun(_transformer, new DenoisingOptions { Steps = 4, Seeds = [0] }, 8, 8, condition));
        DenoisingBatcher.Slot neighbour = Join(shared, 1), other = Join(shared, 2);
        condition.Pooled.Dispose();
        Exception thrown = Assert.ThrowsAny<Exception>(() => damaged.Step());
        Assert.Same(thrown, Assert.ThrowsAny<Exception>(() => neighbour.Step()));
        while (other.Step())
        {
        }

        Assert.Equal(4, other.Run.Completed);
        Assert.Equal(0, neighbour.Run.Completed);
    }

    private DenoisingBatcher.Slot Join(
        DenoisingBatcher shared, int number, DenoisingOptions? options = null, int side = 8, LinearDeltas? deltas = null) =>
        shared.Join(new DenoisingRun(
        _transformer,
        options ?? new DenoisingOptions { Steps = 4, Seeds = [(ulong)number] },
        side,
        side,
        SmallFlux.Condition(1, seed: (ulong)(50 + number)))
        {
            Counter = shared.Counter,
            Deltas = deltas,
        });

    private LinearDeltas Deltas(ulong seed)
    {
        using var generator = new Generator(seed);
        var deltas = new LinearDeltas();
        foreach (Linear layer in _transformer.Descendants.OfType<Linear>())
        {
            deltas.Add(
                layer.Path,
                new LowRankDelta(
                    randn([2, layer.InFeatures], generator: generator) * 0.1,
                    randn([layer.OutFeatures, 2], generator: generator) * 0.1,
                    1),
                1);
        }

        return deltas;
    }

    private static void Leave(DenoisingBatcher.Slot place)
    {
        place.Dispose();
        place.Run.Dispose();
    }
}
