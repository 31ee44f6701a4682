using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class BytePairMergerTests
{
    [Fact]
    public void TheLowestRankAndThenTheLeftmostComesFirst()
    {
        BytePairMerger merger = new(wholeRanks: false);
        merger.AddRule(1, 2, rank: 1, merged: 12);
        merger.AddRule(2, 3, rank: 0, merged: 23);
        merger.AddRule(1, 1, rank: 2, merged: 11);
        Assert.Equal([11, 1, 23], Merge(merger, 1, 1, 1, 2, 3));
        Assert.Equal([11, 12], Merge(merger, 1, 1, 1, 2));
    }

    // A rule with a lower rank than the one that created its left side: here the two libraries differ.
    [Theory]
    [InlineData(false, new[] { 1231, 23 })]
    [InlineData(true, new[] { 123, 123 })]
    public void WholeRanksAreDoneBeforeLowerOnes(bool wholeRanks, int[] expected)
    {
        BytePairMerger merger = new(wholeRanks);
        merger.AddRule(2, 3, rank: 0, merged: 23);
        merger.AddRule(123, 1, rank: 1, merged: 1231);
        merger.AddRule(1, 23, rank: 2, merged: 123);
        Assert.Equal(expected, Merge(merger, 1, 2, 3, 1, 2, 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheHeapFindsWhatTheDefinitionSays(bool wholeRanks)
    {
        Random random = new(5);
        BytePairMerger merger = new(wholeRanks);
        Dictionary<(int, int), (int Rank, int Id)> rules = [];
        for (int rank = 0; rank < 60; rank++)
        {
            // Every merged symbol is new, as in a trained vocabulary, so both orders are equivalent.
            (int, int) pair = (random.Next(4 + rank), random.Next(4 + rank));
            if (rules.TryAdd(pair, (rank, 4 + rank)))
            {
                merger.AddRule(pair.Item1, pair.Item2, rank, 4 + rank);
            }
        }

        for (int round = 0; round < 200; round++)
        {
            int[] symbols = [.. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(4))];
            Assert.Equal(MergeByDefinition([.. symbols], rules), Merge(merger, symbols));
        }
    }

    private static List<int> Merge(BytePairMerger merger, params int[] symbols)
    {
        List<int> output = [];
        merger.Merge([.. symbols], new BytePairMerger.Workspace(), output);
        return output;
    }

    private static List<int> MergeByDefinition(List<int> symbols, Dictionary<(int, int), (int Rank, int Id)> rules)
    {
        while (true)
        {
            int best = -1;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                if (rules.TryGetValue((symbols[i], symbols[i + 1]), out (int Rank, int Id) rule)
                    && (best < 0 || rule.Rank < rules[(symbols[best], symbols[best + 1])].Rank))
                {
                    best = i;
                }
            }

            if (best < 0)
            {
                return symbols;
            }

            symbols[best] = rules[(symbols[best], symbols[best + 1])].Id;
            symbols.RemoveAt(best + 1);
        }
    }
}
