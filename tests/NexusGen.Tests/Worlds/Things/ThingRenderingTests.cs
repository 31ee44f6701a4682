using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>How scenes of things become pictures and labels.</summary>
public sealed class ThingRenderingTests
{
    [Fact]
    public void TheBytesOfPicturesNeverChange()
    {
        ulong hash = StableHash.Empty;
        foreach (ThingBackground background in ThingCatalogue.Backgrounds)
        {
            PlacedThing[] things =
                [.. Enumerable.Range(0, 5).Select(i => Visible(background, 5 * background.Index + i).WithJitter(i - 2, 2 - i))];
            Picture picture = ThingRenderer.Render(new ThingScene(background, things));
            hash = picture.Rgb.Aggregate(hash, StableHash.Add);
        }

        Assert.Equal(GoldenPictures, hash);
    }

    [Fact]
    public void ASpriteIsDrawnOverTheBackgroundByItsAlpha()
    {
        Picture picture = ThingRenderer.Render(Placed.On("white", Placed.At(1, 1, "square", "green")));
        Assert.Equal(ThingCatalogue.Colour("green").Body, picture[96, 96]);
        Assert.Equal(new Rgb(255, 255, 255), picture[96, 96 - 28]);
        Assert.Equal(new Rgb(255, 255, 255), picture[32, 32]);
        Picture moved = ThingRenderer.Render(Placed.On("white", Placed.At(1, 1, "square", "green").WithJitter(2, -1)));
        Assert.Equal(picture[96 - 26, 86], moved[96 - 24, 85]);
        Assert.Equal(picture[96 + 17, 96 + 26], moved[96 + 19, 96 + 25]);
    }

    [Theory]
    [InlineData(ThingSize.Small, 32)]
    [InlineData(ThingSize.Medium, 42)]
    [InlineData(ThingSize.Big, 54)]
    public void AThingFillsTheBoxOfItsSize(ThingSize size, int side)
    {
        foreach (Thing thing in ThingCatalogue.Things)
        {
            Picture picture = ThingRenderer.Render(Placed.On("grass", Placed.At(1, 1, thing.Name, "red", size)));
            byte[] empty = BackgroundPainter.Of(ThingCatalogue.Background("grass"));
            int[] touched = [.. Enumerable.Range(0, ThingGeometry.Side * ThingGeometry.Side).Where(
                i => !picture.Rgb.AsSpan(3 * i, 3).SequenceEqual(empty.AsSpan(3 * i, 3)))];
            int width = touched.Max(i => i % ThingGeometry.Side) - touched.Min(i => i % ThingGeometry.Side) + 1;
            int height = touched.Max(i => i / ThingGeometry.Side) - touched.Min(i => i / ThingGeometry.Side) + 1;
            Assert.InRange(Math.Max(width, height), side - 3, side);
        }
    }

    [Fact]
    public void ABufferOfAnotherLengthIsRefused() => Assert.Throws<WorldException>(
        () => ThingRenderer.Render(Placed.On("white", Placed.At(1, 1, "dog")), new byte[10]));

    [Theory]
    [InlineData("thing", 21, 36)]
    [InlineData("colour", 1, 2)]
    [InlineData("size", 1, 3)]
    public void PartsShowWhatStandsInTheNearestCell(string kind, byte book, byte cow)
    {
        ThingScene scene = Placed.On("sea", Placed.At(0, 2, "book", null, ThingSize.Small), Placed.At(1, 1, "cow", "red"));
        byte[] expected =
        [
            0, 0, 0, book,
            0, cow, cow, 0,
            0, cow, cow, 0,
            0, 0, 0, 0,
        ];
        Assert.Equal(expected, ThingLabels.Of(scene, kind, 4));
        Assert.Equal(Enumerable.Repeat((byte)7, 4), ThingLabels.Of(scene, "background", 2));
        Assert.Throws<WorldException>(() => ThingLabels.Of(scene, "weight", 2));
    }

    [Fact]
    public void LabelsAreClassesOfTheirKinds()
    {
        for (ulong i = 0; i < 300; i++)
        {
            ThingScene scene = ThingSampler.Draw(new Dice(1, i));
            Assert.All(ThingLabels.Kinds, kind => Assert.All(
                ThingLabels.Of(scene, kind.Name, 4), value => Assert.InRange(value, 0, kind.Classes - 1)));
        }
    }

    private static PlacedThing Visible(ThingBackground background, int seed)
    {
        PlacedThing thing = ThingSampler.Draw(new Dice(9, (ulong)seed)).Objects[0] with { Cell = Cell.At(2 * (seed % 5)) };
        return background.Hides(thing.Thing, thing.Colour) ? thing with { Colour = ThingCatalogue.Colour("red") } : thing;
    }

    private const ulong GoldenPictures = 9391168264708114870;
}
