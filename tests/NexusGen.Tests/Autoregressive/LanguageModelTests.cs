using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of the language model with and without a cache.</summary>
public sealed class LanguageModelTests : InferenceTest
{
    private static readonly LanguageModelConfiguration Sizes = SmallModel.Configuration;

    [Fact]
    public void PiecesWithACacheEqualOnePassWithout()
    {
        using LanguageModel model = SmallModel.Create();
        (Tensor inputs, Tensor positions) = Random(1, 23);
        Tensor whole = model.Forward(inputs, positions);
        using var cache = new KeyValueCache(Sizes, 1, 23, model.Placement);
        List<Tensor> pieces = [];
        int at = 0;
        foreach (int length in (int[])[7, 1, 1, 9, 1, 4])
        {
            pieces.Add(model.Forward(inputs.narrow(1, at, length), positions.narrow(2, at, length), cache, [0]));
            at += length;
        }

        Assert.Equal(23, cache.Length(0));
        SmallModel.AssertClose(whole, cat(pieces, 1));
    }

    [Theory]
    [InlineData(new[] { 0, 1, 2 })]
    [InlineData(new[] { 0, 2, 3 })]
    [InlineData(new[] { 3, 1, 0 })]
    [InlineData(new[] { 2 })]
    public void RowsOfOwnLengthsInAnySlotsDoNotMeet(int[] slots)
    {
        using LanguageModel model = SmallModel.Create();

        // The memory that is allocated next was filled with NaN before, as any memory may be.
        foreach (Tensor poison in Enumerable.Range(0, 40)
            .Select(_ => full([4, Sizes.NumKeyValueHeads, 30, Sizes.HeadWidth], float.NaN)).ToArray())
        {
            poison.Dispose();
        }

        using var cache = new KeyValueCache(Sizes, 4, 30, model.Placement);
        (Tensor inputs, Tensor positions) = Random(4, 20);
        int[] lengths = [5, 12, 1, 8];
        for (int slot = 0; slot < 4; slot++)
        {
            model.Forward(
                inputs.narrow(0, slot, 1).narrow(1, 0, lengths[slot]),
                positions.narrow(1, slot, 1).narrow(2, 0, lengths[slot]),
                cache,
                [slot]);
        }

        // Then several tokens, and then one, for some of the sequences.
        foreach (int length in (int[])[4, 1, 1])
        {
            Tensor Next(Tensor x, int axis) => cat(
                [.. slots.Select(slot => x.narrow(axis, slot, 1).narrow(axis + 1, lengths[slot], length))], axis);
            Tensor states = model.Forward(Next(inputs, 0), Next(positions, 1), cache, slots);
            for (int row = 0; row < slots.Length; row++)
            {
                int slot = slots[row], end = lengths[slot] + length;
                Tensor alone = model.Forward(
                    inputs.narrow(0, slot, 1).narrow(1, 0, end), positions.narrow(1, slot, 1).narrow(2, 0, end));
                Assert.True(states.isfinite().all().item<bool>());
                SmallModel.AssertClose(alone.narrow(1, end - length, length), states.narrow(0, row, 1));
                lengths[slot] = end;
            }
        }
    }

    [Fact]
    public void AClearedSlotServesAnotherSequence()
    {
        using LanguageModel model = SmallModel.Create();
        using var cache = new KeyValueCache(Sizes, 1, 12, model.Placement);
        (Tensor inputs, Tensor positions) = Random(2, 12);
        model.Forward(inputs.narrow(0, 0, 1), positions.narrow(1, 0, 1), cache, [0]);
        Assert.Contains(
            "12",
            Assert.Throws<NexusGenException>(() => model.Forward(
                inputs.narrow(0, 0, 1).narrow(1, 0, 1), positions.narrow(1, 0, 1).narrow(2, 0, 1), cache, [0])).Message);
        cache.Clear(0);
        Tensor again = model.Forward(inputs.narrow(0, 1, 1), positions.narrow(1, 1, 1), cache, [0]);
        SmallModel.AssertClose(model.Forward(inputs.narrow(0, 1, 1), positions.narrow(1, 1, 1)), again);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PaddingOnEitherSideDoesNotMatter(bool left)
    {
        using LanguageModel model = SmallModel.Create();
        (Tensor inputs, Tensor positions) = Random(1, 9);
        Tensor padding = randn(1, 4, Sizes.HiddenSize), nowhere = ones([3, 1, 4]), none = zeros([1, 4]), all = ones([1, 9]);
        Tensor states = left
            ? model.Forward(cat([padding, inputs], 1), cat([nowhere, positions], 2), cat([none, all], 1))
            : model.Forward(cat([inputs, padding], 1), cat([positions, nowhere], 2), cat([all, none], 1));
        SmallModel.AssertClose(model.Forward(inputs, positions), states.narrow(1, left ? 4 : 0, 9));
        Assert.True(states.isfinite().all().item<bool>());
    }

    [Fact]
    public void OnlyDistancesBetweenPositionsCountAndTheyMayBeReal()
    {
        using LanguageModel model = SmallModel.Create();
        (Tensor inputs, Tensor positions) = Random(1, 9);
        Tensor states = model.Forward(inputs, positions);
        SmallModel.AssertClose(states, model.Forward(inputs, positions + 2.75), 1e-4);
        Assert.True((states - model.Forward(inputs, positions * 1.25)).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void ATiedHeadIsTheTableOfTokens()
    {
        using LanguageModel model = SmallModel.Create(Sizes with { TieWordEmbeddings = true });
        Assert.DoesNotContain(model.Parameters, parameter => parameter.Name == "lm_head.weight");
        Tensor states = randn(2, Sizes.HiddenSize), table = model.Embed(arange(Sizes.VocabSize));
        SmallModel.AssertClose(states.matmul(table.t()), model.Logits(states));
    }

    [Fact]
    public void AllButTheUnusedLearns()
    {
        using IDisposable training = enable_grad();
        using LanguageModel model = SmallModel.Create();
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Value.requires_grad_();
        }

        Tensor inputs = cat([model.Embed(arange(8)), model.ImagePrefill], 0).unsqueeze(0);
        Tensor mask = ones([1, inputs.shape[1]]);
        mask[0, 0] = 0;
        Tensor states = model.Forward(inputs, arange(inputs.shape[1]).view(1, 1, -1).expand(3, 1, -1), mask);
        (model.Logits(states).logsumexp(-1).mean() + model.ImageEmbeddings(states).pow(2).mean()).backward();
        Assert.All(
            model.Parameters,
            parameter => Assert.True(parameter.Value.grad?.abs().sum().item<float>() > 0, parameter.Name));
    }

    private static (Tensor Inputs, Tensor Positions) Random(int rows, int length)
    {
        var generator = new Generator(5);
        return (
            randn([rows, length, Sizes.HiddenSize], generator: generator),
            randint(0, 40, [3, rows, length], generator: generator).to(ScalarType.Float32));
    }
}
