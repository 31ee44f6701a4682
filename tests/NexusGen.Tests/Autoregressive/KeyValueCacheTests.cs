using NexusGen.Autoregressive;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of a key-value cache whose sequences come and go.</summary>
public sealed class KeyValueCacheTests : InferenceTest
{
    private static readonly LanguageModelConfiguration Sizes = SmallModel.Configuration;

    [Fact]
    public void WhatIsKeptGoesOnWhereItWasMoved()
    {
        using LanguageModel model = SmallModel.Create();
        using var cache = new KeyValueCache(Sizes, 3, 12, model.Placement);
        (Tensor inputs, Tensor positions) = Random(3, 30);
        int[] lengths = [5, 9, 12];
        for (int slot = 0; slot < 3; slot++)
        {
            Pass(slot, slot, 0, lengths[slot]);
        }

        Poison();
        cache.Resize([2, 0], 4, 30);
        Assert.Equal((4, 30L), (cache.Slots, cache.Capacity));
        Assert.Equal([12L, 5, 0, 0], Enumerable.Range(0, 4).Select(cache.Length));

        // Both at once, the longer one beyond the capacity of before.
        (int Row, int Length)[] rows = [(2, 12), (0, 5)];
        Tensor Next(Tensor x, int axis) => cat(
            [.. rows.Select(row => x.narrow(axis, row.Row, 1).narrow(axis + 1, row.Length, 4))], axis);
        Tensor states = model.Forward(Next(inputs, 0), Next(positions, 1), cache, [0, 1]);
        foreach ((int i, (int row, int length)) in rows.Index())
        {
            Tensor alone = model.Forward(
                inputs.narrow(0, row, 1).narrow(1, 0, length + 4),
                positions.narrow(1, row, 1).narrow(2, 0, length + 4));
            SmallModel.AssertClose(alone.narrow(1, length, 4), states.narrow(0, i, 1));
        }

        void Pass(int row, int slot, int from, int length) => model.Forward(
            inputs.narrow(0, row, 1).narrow(1, from, length), positions.narrow(1, row, 1).narrow(2, from, length), cache, [slot]);
    }

    [Fact]
    public void WhatASlotHeldBeforeDoesNotReachTheNextSequenceNorItsNeighbour()
    {
        using LanguageModel model = SmallModel.Create();
        using var cache = new KeyValueCache(Sizes, 2, 40, model.Placement);
        (Tensor inputs, Tensor positions) = Random(2, 22);
        model.Forward(full([1, 22, Sizes.HiddenSize], float.NaN), positions.narrow(1, 0, 1), cache, [0]);
        cache.Clear(0);
        int[] lengths = [3, 20];
        for (int slot = 0; slot < 2; slot++)
        {
            model.Forward(
                inputs.narrow(0, slot, 1).narrow(1, 0, lengths[slot]),
                positions.narrow(1, slot, 1).narrow(2, 0, lengths[slot]),
                cache,
                [slot]);
        }

        Tensor Next(Tensor x, int axis) => cat(
            [.. lengths.Index().Select(row => x.narrow(axis, row.Index, 1).narrow(axis + 1, row.Item, 1))], axis);
        Tensor states = model.Forward(Next(inputs, 0), Next(positions, 1), cache, [0, 1]);
        for (int row = 0; row < 2; row++)
        {
            Tensor alone = model.Forward(
                inputs.narrow(0, row, 1).narrow(1, 0, lengths[row] + 1),
                positions.narrow(1, row, 1).narrow(2, 0, lengths[row] + 1));
            SmallModel.AssertClose(alone.narrow(1, lengths[row], 1), states.narrow(0, row, 1));
        }
    }

    // The memory that is allocated next was filled with NaN before, as any memory may be.
    private static void Poison()
    {
        foreach (Tensor poison in Enumerable.Range(0, 40)
            .Select(_ => full([4, Sizes.NumKeyValueHeads, 30, Sizes.HeadWidth], float.NaN)).ToArray())
        {
            poison.Dispose();
        }
    }

    private static (Tensor Inputs, Tensor Positions) Random(int rows, int length)
    {
        using var generator = new Generator(5);
        Tensor inputs = randn([rows, length, Sizes.HiddenSize], generator: generator);
        return (inputs, arange(length).view(1, 1, -1).expand(3, rows, -1));
    }
}
