using NexusGen.Core;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

public class BlockListTests
{
    private const int Count = 7;
    private const long BlockBytes = 4 * ((8 * 8) + 8);

    [Theory]
    [InlineData(2, 7)]
    [InlineData(4, 5)]
    [InlineData(6, 3)]
    [InlineData(7, 0)]
    public void StreamedBlocksAreTheSameAsResidentOnesAndFitTheBudget(int blocksInBudget, int streamed)
    {
        using var scope = NewDisposeScope();
        Tensor x = randn([2, 8], generator: new Generator(3));
        var counting = new CountingWeights(new RandomWeights(5));
        using var residency = new BlockResidency(blocksInBudget * BlockBytes);
        using BlockList<Linear> resident = List(new RandomWeights(5), null), list = List(counting, residency);
        Tensor expected = Run(resident, x);
        for (int round = 0; round < 3; round++)
        {
            Assert.True(allclose(Run(list, x), expected, rtol: 0, atol: 0));
        }

        Assert.Equal(streamed, residency.StreamedBlocks);
        Assert.InRange(counting.MostBlocks, 1, blocksInBudget);
    }

    [Fact]
    public void ABudgetBelowTwoBlocksIsRefusedWithWhatItTakes()
    {
        using var residency = new BlockResidency(BlockBytes);
        using BlockList<Linear> list = List(new RandomWeights(5), residency);
        NexusGenException error = Assert.Throws<NexusGenException>(() => list[0]);
        Assert.Contains("raise the budget", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AStreamedListStillListsItsParameters()
    {
        using var residency = new BlockResidency(2 * BlockBytes);
        using BlockList<Linear> list = List(new RandomWeights(5), residency);
        Assert.Equal(Enumerable.Range(0, Count).SelectMany(i => new[] { $"b.{i}.weight", $"b.{i}.bias" }), list.Parameters.Select(p => p.Name));
    }

    private static BlockList<Linear> List(IWeightProvider provider, BlockResidency? residency) =>
        new(new WeightSource(provider, LoadOptions.Reference with { Residency = residency })["b"], Count, place => new Linear(place, 8, 8));

    private static Tensor Run(BlockList<Linear> list, Tensor x)
    {
        foreach (Linear block in list.Blocks)
        {
            x = block.Forward(x);
        }

        return x;
    }

    // Counts the blocks whose weight is alive at the same time.
    private sealed class CountingWeights(IWeightProvider inner) : IWeightProvider
    {
        private readonly List<Tensor> _weights = [];

        public int MostBlocks { get; private set; }

        public bool Contains(string name) => inner.Contains(name);

        public Tensor Provide(in WeightRequest request)
        {
            Tensor value = inner.Provide(request);
            lock (_weights)
            {
                if (request.Name.EndsWith(".weight", StringComparison.Ordinal))
                {
                    _weights.Add(value);
                    MostBlocks = Math.Max(MostBlocks, _weights.Count(weight => !weight.IsInvalid));
                }
            }

            return value;
        }
    }
}
