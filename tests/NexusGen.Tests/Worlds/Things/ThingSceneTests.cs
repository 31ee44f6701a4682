using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>Scenes of things, and what is fixed where a text leaves something open.</summary>
public sealed class ThingSceneTests
{
    private static readonly ThingScene Example = Placed.On(
        "grass", Placed.At(1, 2, "bus", "blue", ThingSize.Small), Placed.At(0, 0, "dog").WithJitter(2, -1));

    [Fact]
    public void ThingsComeInReadingOrder()
    {
        Assert.Equal("grass: big dog@0,0+2-1; small blue bus@1,2", Example.ToString());
        Assert.Equal(Example, Placed.On("grass", Example.Objects.Reverse()));
        Assert.Equal("bus", Example.At(new(1, 2))?.Thing.Name);
        Assert.Null(Example.At(new(2, 2)));
    }

    [Fact]
    public void TheLayoutsHashIsFixedAndKnowsNoJitter()
    {
        Assert.True(Example.HasJitter);
        Assert.NotEqual(Example, Example.Centered);
        Assert.True(Example.SameLayout(Example.Centered));
        Assert.Equal(Example.LayoutHash, Example.Centered.LayoutHash);
        Assert.Equal(GoldenHash, Example.LayoutHash);
        PlacedThing dog = Example.Objects[0];
        Assert.All(
            [
                dog with { Colour = ThingCatalogue.Colour("red") },
                dog with { Size = ThingSize.Medium },
                dog with { Cell = new(0, 1) },
            ],
            other => Assert.NotEqual(GoldenHash, Placed.On("grass", other, Example.Objects[1]).LayoutHash));
        Assert.NotEqual(GoldenHash, Placed.On("sand", Example.Objects).LayoutHash);
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        PlacedThing dog = Placed.At(0, 0, "dog");
        Assert.Contains("1 to 5", Assert.Throws<WorldException>(() => Placed.On("white")).Message);
        Assert.Contains("one cell", Assert.Throws<WorldException>(() => Placed.On("white", dog, dog)).Message);
        Assert.Contains("beyond 2", Assert.Throws<WorldException>(() => Placed.On("white", dog.WithJitter(3, 0))).Message);
        Assert.Contains("outside", Assert.Throws<WorldException>(() => Placed.On("white", Placed.At(0, 3, "dog"))).Message);
        PlacedThing white = dog with { Colour = ThingCatalogue.Colour("white") };
        Assert.Contains("hides", Assert.Throws<WorldException>(() => Placed.On("white", white)).Message);
    }

    [Fact]
    public void SamplesReachEverything()
    {
        ThingScene[] scenes = [.. Enumerable.Range(0, 3000).Select(i => ThingSampler.Draw(new Dice(3, (ulong)i)))];
        PlacedThing[] things = [.. scenes.SelectMany(scene => scene.Objects)];
        Assert.Equal(88, things.DistinctBy(one => one.Thing).Count());
        Assert.Equal(11, things.DistinctBy(one => one.Look).Count());
        Assert.Equal(9, things.DistinctBy(one => one.Cell).Count());
        Assert.Equal(3, things.DistinctBy(one => one.Size).Count());
        Assert.Equal(12, scenes.DistinctBy(scene => scene.Background).Count());
        Assert.Equal([1, 2, 3, 4, 5], scenes.Select(scene => scene.Objects.Length).Distinct().Order());
        Assert.InRange(things.Count(one => one.Colour is null) / (double)things.Length, 0.23, 0.29);
        Assert.Equal(GoldenSample, ThingSampler.Jitter(scenes[0], new Dice(4, 0)).ToString());
    }

    [Theory]
    [InlineData("white", "dog", "red")]
    [InlineData("light grey", "sheep", null)]
    [InlineData("sky", "dog", "white")]
    [InlineData("grass", "airplane", null, "dog", "white")]
    public void TheBackgroundIsWhiteUnlessItHidesSomething(string expected, params string?[] names) => Assert.Equal(
        expected,
        ThingLayout.BackgroundOf(names.Chunk(2).Select((pair, i) => Placed.At(0, i, pair[0]!, pair[1]))).Name);

    [Fact]
    public void PlacesThatAreNotNamedAreThoseOfTheNumberOrTheRelation()
    {
        Assert.Equal([Cell.Center], ThingLayout.CellsOf(1).AsEnumerable());
        Assert.Equal([new(1, 0), new(1, 2)], ThingLayout.CellsOf(2).AsEnumerable());
        Assert.Equal(new Cell(0, 1), Assert.Single(ThingLayout.CellsOf(Relation.Above).First));
        Assert.Equal(new Cell(2, 1), Assert.Single(ThingLayout.CellsOf(Relation.Above).Second));
    }

    private const ulong GoldenHash = 8005979302767107713;
    private const string GoldenSample = "sea: small black skis@0,0+2+2";
}
