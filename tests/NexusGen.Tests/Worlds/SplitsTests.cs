using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>Chance and splits are fixed for ever: data and scores of other days rest on them.</summary>
public sealed class SplitsTests
{
    [Fact]
    public void ThrowsNeverChange()
    {
        Dice dice = new(2024, 7);
        Assert.Equal([GoldenBits0, GoldenBits1], [dice.NextBits(), dice.NextBits()]);
        int[] order = [0, 1, 2, 3, 4, 5, 6, 7];
        dice.Shuffle<int>(order);
        Assert.Equal(GoldenOrder, string.Concat(order));
        Assert.Equal(GoldenScene, SceneSampler.Jitter(SceneSampler.Draw(dice), dice).ToString());
    }

    [Fact]
    public void ThrowsAreSpreadAsTheyShould()
    {
        Dice dice = new(5, 0);
        const int count = 20_000;
        double[] units = [.. Enumerable.Range(0, count).Select(_ => dice.Unit())];
        double[] normals = [.. Enumerable.Range(0, count).Select(_ => dice.Normal())];
        Assert.All(units, unit => Assert.InRange(unit, 0, 0.9999999999999999));
        Assert.InRange(units.Average(), 0.49, 0.51);
        Assert.InRange(normals.Average(), -0.03, 0.03);
        Assert.InRange(normals.Average(value => value * value), 0.95, 1.05);
        Assert.InRange(Enumerable.Range(0, count).Count(_ => dice.Chance(0.25)), 0.24 * count, 0.26 * count);
        Assert.Equal([-2, -1, 0, 1, 2], Enumerable.Range(0, 200).Select(_ => dice.Between(-2, 2)).Distinct().Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => dice.Below(0));
    }

    [Fact]
    public void NeighbouringStreamsShareNothing()
    {
        var firsts = Enumerable.Range(0, 1000).Select(i => new Dice(1, (ulong)i).NextBits())
            .Concat(Enumerable.Range(2, 1000).Select(seed => new Dice((ulong)seed, 0).NextBits())).ToList();
        Assert.Equal(firsts.Count, firsts.Distinct().Count());
    }

    [Fact]
    public void SinglesInTheMiddleAreDividedToo()
    {
        var splits = from shape in Enum.GetValues<Shape>()
                     from colour in Enum.GetValues<Colour>()
                     from size in Enum.GetValues<ObjectSize>()
                     from background in Enum.GetValues<Background>()
                     select Splits.Of(new Scene(background, new SceneObject(shape, colour, size, Cell.Center)));
        Dictionary<WorldSplit, int> counts = splits.CountBy(split => split).ToDictionary();
        Assert.Equal(640, counts.Values.Sum());
        Assert.InRange(counts[WorldSplit.Test], 55, 105);
        Assert.InRange(counts[WorldSplit.Validation], 20, 60);
    }

    [Fact]
    public void HeldOutPairsLeaveEveryShapeAndColourToBeLearned()
    {
        Assert.Equal(6, Splits.HeldOutPairs.Distinct().Count());
        Assert.Equal(6, Splits.HeldOutPairs.Select(pair => pair.Colour).Distinct().Count());
        Assert.Equal(6, Splits.HeldOutPairs.Select(pair => pair.Shape).Distinct().Count());
        Assert.True(Splits.IsHeldOut(Colour.Purple, Shape.Star));
        Assert.False(Splits.IsHeldOut(Colour.Red, Shape.Star));
        SceneObject red = new(Shape.Star, Colour.Red, ObjectSize.Big, Cell.Center), ring = new(Shape.Ring, Colour.Orange, ObjectSize.Small, new(0, 0));
        Assert.False(Splits.HasHeldOutPair(new Scene(Background.White, red)));
        Assert.True(Splits.HasHeldOutPair(new Scene(Background.White, red, ring)));
    }

    [Fact]
    public void CellsKnowTheirSides()
    {
        for (int i = 0; i < Cell.Count; i++)
        {
            Cell cell = Cell.At(i);
            Assert.Equal(i, cell.Index);
            foreach (Relation side in Enum.GetValues<Relation>())
            {
                Assert.True(cell.Next(side).Is(side, cell));
                Assert.Single(Enum.GetValues<Relation>(), relation => cell.Next(side).Is(relation, cell));
            }
        }

        Assert.False(new Cell(1, 3).IsInside);
        Assert.False(new Cell(-1, 0).IsInside);
    }

    private const ulong GoldenBits0 = 13834181814006793073;
    private const ulong GoldenBits1 = 15382473950365204573;
    private const string GoldenOrder = "71260534";
    private const string GoldenScene = "black: big yellow heart@2,0-4-7";
}
