using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>The labels of each part of an image.</summary>
public sealed class SceneLabelsTests
{
    private static readonly Scene Sample = new(
        Background.Gray,
        new SceneObject(Shape.Star, Colour.Red, ObjectSize.Small, new Cell(0, 2)),
        new SceneObject(Shape.Circle, Colour.Pink, ObjectSize.Big, new Cell(1, 1)));

    [Theory]
    [InlineData("shape", 4, 1)]
    [InlineData("colour", 1, 8)]
    [InlineData("size", 1, 2)]
    public void PartsShowWhatStandsInTheNearestCell(string kind, byte star, byte circle)
    {
        byte[] expected =
        [
            0, 0, 0, star,
            0, circle, circle, 0,
            0, circle, circle, 0,
            0, 0, 0, 0,
        ];
        Assert.Equal(expected, SceneLabels.Of(Sample, kind, 4));
        byte[] cells = [0, 0, star, 0, circle, 0, 0, 0, 0];
        Assert.Equal(cells, SceneLabels.Of(Sample, kind, 3));
        Assert.All(
            SceneLabels.Of(Sample, kind, 8),
            value => Assert.InRange(value, 0, SceneLabels.Kinds.Single(one => one.Name == kind).Classes - 1));
    }

    [Fact]
    public void TheBackgroundIsEverywhere()
    {
        ImmutableArray<byte> ground = SceneLabels.Of(Sample, "background", 2);
        Assert.Equal(Enumerable.Repeat((byte)Background.Gray, 4), ground);
        Assert.Throws<WorldException>(() => SceneLabels.Of(Sample, "weight", 2));
    }
}
