using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>Pictures that look almost like scenes and must not be read as such, each worn as decoders wear.</summary>
public sealed class ThingJudgeRefusalTests
{
    private const int Tries = 60;

    [Fact]
    public void BlendsOfTwoThingsAreRefused() => AssertRefused((background, placed, dice) =>
    {
        Thing other = dice.Pick(ThingCatalogue.Things.AsSpan());
        return other == placed.Thing || background.Hides(other, placed.Colour)
            ? null
            : Spoiled.Blend(new ThingScene(background, placed), new ThingScene(background, placed with { Thing = other }));
    });

    [Fact]
    public void ABlendOfTwoColoursIsRefused()
    {
        ThingScene yellow = Placed.On("white", Placed.At(1, 1, "car", "yellow"));
        ThingScene blue = Placed.On("white", Placed.At(1, 1, "car", "blue"));
        Assert.Null(ThingJudge.Read(Spoiled.Blend(yellow, blue)).ToScene());
    }

    [Fact]
    public void EatenThingsAreRefused() =>
        AssertRefused((background, placed, dice) => Spoiled.Eat(background, placed, dice.Below(4)));

    [Fact]
    public void ThingsBetweenCellsAreRefused() => AssertRefused((background, placed, dice) =>
    {
        Picture picture = Empty(background);
        (int left, int top) = ThingRenderer.CornerOf(placed);
        int away = dice.Between(12, 37);
        bool across = dice.Chance(0.5);
        Spoiled.Draw(
            picture, placed,
            left + (across ? (placed.Cell.Column == 2 ? -away : away) : 0),
            top + (across ? 0 : placed.Cell.Row == 2 ? -away : away));
        return picture;
    });

    [Fact]
    public void TwoThingsInOneCellAreRefused() => AssertRefused((background, placed, dice) =>
    {
        Picture picture = ThingRenderer.Render(new ThingScene(background, placed));
        Thing other = dice.Pick(ThingCatalogue.Things.AsSpan());
        PlacedThing second = new(other, null, ThingSize.Small, placed.Cell);
        if (background.Hides(other, null) || other == placed.Thing)
        {
            return null;
        }

        (int left, int top) = ThingRenderer.CornerOf(second);
        Spoiled.Draw(picture, second, left + dice.Between(8, 13), top + dice.Between(-13, 13));
        return picture;
    });

    [Fact]
    public void AHeartWithoutItsNotchIsRefused() => AssertRefused((background, placed, _) =>
    {
        PlacedThing heart = placed with { Thing = ThingCatalogue.Thing("heart") };
        return background.Hides(heart.Thing, heart.Colour) ? null : Spoiled.FillNotch(background, heart);
    });

    [Fact]
    public void AnotherBackgroundIsNoneOfTheCatalogue()
    {
        Picture picture = ThingRenderer.Render(Placed.On("white", Placed.At(1, 1, "dog")));
        for (int i = 0; i < picture.Rgb.Length; i += 3)
        {
            bool isGround = picture.Rgb.AsSpan(i, 3).SequenceEqual((ReadOnlySpan<byte>)[255, 255, 255]);
            (picture.Rgb[i], picture.Rgb[i + 1], picture.Rgb[i + 2]) = isGround
                ? ((byte)230, (byte)120, (byte)220)
                : (picture.Rgb[i], picture.Rgb[i + 1], picture.Rgb[i + 2]);
        }

        ThingReading reading = ThingJudge.Read(picture);
        Assert.Null(reading.Background);
        Assert.Null(reading.ToScene());
    }

    [Fact]
    public void WhatIsNotOfThisWorldIsNoScene()
    {
        Dice dice = new(5, 5);
        byte[] noise = [.. Enumerable.Range(0, ThingRenderer.Bytes).Select(_ => (byte)dice.Below(256))];
        Assert.Null(ThingJudge.Read(new Picture(ThingGeometry.Side, ThingGeometry.Side, noise)).ToScene());
        var black = new Picture(ThingGeometry.Side, ThingGeometry.Side, new byte[ThingRenderer.Bytes]);
        Assert.Null(ThingJudge.Read(black).ToScene());
        Assert.Null(ThingJudge.Read(Empty(ThingCatalogue.Backgrounds[0])).ToScene());
        Picture six = ThingRenderer.Render(
            Placed.On("white", [.. Enumerable.Range(0, 5).Select(i => Placed.At(i / 3, i % 3, "dog"))]));
        Spoiled.Draw(six, Placed.At(2, 2, "dog"), 133, 133);
        Assert.Equal(6, ThingJudge.Read(six).Objects.Length);
        Assert.Null(ThingJudge.Read(six).ToScene());
    }

    private static Picture Empty(ThingBackground background) =>
        new(ThingGeometry.Side, ThingGeometry.Side, [.. BackgroundPainter.Of(background)]);

    // Of all tries none may be read as a scene. A spoiler returns null where its dice make no fault.
    private static void AssertRefused(Func<ThingBackground, PlacedThing, Dice, Picture?> spoil)
    {
        int tried = 0;
        for (ulong i = 0; i < Tries; i++)
        {
            Dice dice = new(40, i);
            ThingScene scene = ThingSampler.Draw(dice);
            if (spoil(scene.Background, scene.Objects[0], dice) is { } picture)
            {
                tried++;
                ThingReading reading = ThingJudge.Read(ThingWear.Draw(dice).Apply(picture, dice));
                Assert.True(reading.ToScene() is null, $"{scene.Background}: {scene.Objects[0]} was read as {reading}");
            }
        }

        Assert.InRange(tried, Tries / 2, Tries);
    }
}
