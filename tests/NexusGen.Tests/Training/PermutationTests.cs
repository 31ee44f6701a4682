using NexusGen.Training.Data;

namespace NexusGen.Tests.Training;

public class PermutationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(37)]
    [InlineData(1000)]
    [InlineData(4096)]
    public void HoldsEveryNumberOnce(long count)
    {
        var order = new Permutation(count, 11);
        Assert.Equal(count, Enumerable.Range(0, (int)count).Select(i => order[i]).Where(value => value >= 0 && value < count).Distinct().Count());
    }

    [Fact]
    public void TheSeedDecidesTheOrder()
    {
        long[] Order(ulong seed) => [.. Enumerable.Range(0, 100).Select(i => new Permutation(100, seed)[i])];
        Assert.Equal(Order(1), Order(1));
        Assert.NotEqual(Order(1), Order(2));
        Assert.NotEqual(Enumerable.Range(0, 100).Select(i => (long)i), Order(1));
    }

    [Fact]
    public void LooksRandom()
    {
        // Places and numbers of a random order of 10,000 are uncorrelated; the bound is four standard deviations.
        var order = new Permutation(10_000, 3);
        double mean = 4999.5, sum = 0, square = 0;
        for (int i = 0; i < 10_000; i++)
        {
            sum += (i - mean) * (order[i] - mean);
            square += (i - mean) * (i - mean);
        }

        Assert.InRange(sum / square, -0.04, 0.04);
    }
}
