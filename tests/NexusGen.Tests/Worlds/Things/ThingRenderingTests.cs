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
        Assert.Equal(ThingCatalogue.Colour("green").Body, picture[112, 112]);
        Assert.Equal(new Rgb(255, 255, 255), picture[112, 112 - 33]);
        Assert.Equal(new Rgb(255, 255, 255), picture[38, 38]);
        Picture moved = ThingRenderer.Render(Placed.On("white", Placed.At(1, 1, "square", "green").WithJitter(2, -1)));
        Assert.Equal(picture[112 - 31, 100], moved[112 - 29, 99]);
        Assert.Equal(picture[112 + 20, 112 + 31], moved[112 + 22, 112 + 30]);
    }

    [Theory]
    [InlineData(ThingSize.Small, 34)]
    [InlineData(ThingSize.Medium, 48)]
    [InlineData(ThingSize.Big, 64)]
    public void AThingFillsTheBoxOfItsSize(ThingSize size, int side)
    {
        foreach (Thing thing in ThingCatalogue.Things)
        {
            Picture picture = ThingRenderer.Render(Placed.On("grass", Placed.At(1, 1, thing.Name, "red", size)));
            byte[] empty = BackgroundPainter.Of(ThingCatalogue.Background("grass"));
            int[] touched = [.. Enumerable.Range(0, 224 * 224).Where(
                i => !picture.Rgb.AsSpan(3 * i, 3).SequenceEqual(empty.AsSpan(3 * i, 3)))];
            int width = touched.Max(i => i % 224) - touched.Min(i => i % 224) + 1;
            int height = touched.Max(i => i / 224) - touched.Min(i => i / 224) + 1;
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

    private const ulong GoldenPictures = 12682865292122653504;
}
