using NexusGen.Training.Core;

namespace NexusGen.Tests.Training;

/// <summary>Rounding up reduces the number of distinct sizes.</summary>
public sealed class ShapeRoundingTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 7)]
    [InlineData(9, 9)]
    [InlineData(17, 18)]
    [InlineData(230, 240)]
    [InlineData(250, 256)]
    [InlineData(256, 256)]
    [InlineData(257, 288)]
    public void ASizeIsRoundedUp(long size, long rounded) => Assert.Equal(rounded, ShapeRounding.RoundUp(size));

    [Fact]
    public void FewSizesAreLeftAndLittleIsAdded()
    {
        long[] sizes = [.. Enumerable.Range(1024, 1025).Select(size => ShapeRounding.RoundUp(size))];
        Assert.Equal(9, sizes.Distinct().Count());
        Assert.All(Enumerable.Range(1, 5000), size => Assert.InRange(ShapeRounding.RoundUp(size), size, size * 9 / 8 + 1));
    }
}
