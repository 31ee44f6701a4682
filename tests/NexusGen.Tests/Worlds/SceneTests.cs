using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>Scenes, random numbers, splits and images are reproducible and never change.</summary>
public sealed class SceneTests
{
    private static readonly Scene Example = new(
        Background.Beige,
        new SceneObject(Shape.Ring, Colour.Blue, ObjectSize.Small, new(1, 2)),
        new SceneObject(Shape.Star, Colour.Red, ObjectSize.Big, new(0, 0), 3, -4));

    [Fact]
    public void ObjectsComeInReadingOrder()
    {
        Assert.Equal("beige: big red star@0,0+3-4; small blue ring@1,2", Example.ToString());
        Assert.Equal(Example, new Scene(Background.Beige, Example.Objects.Reverse()));
        Assert.NotEqual(Example, Example.Centered);
        Assert.True(Example.SameLayout(Example.Centered));
    }

    [Fact]
    public void TheLayoutsHashIsFixedAndKnowsNoJitter()
    {
        Assert.Equal(Example.LayoutHash, Example.Centered.LayoutHash);
        Assert.Equal(GoldenHash, Example.LayoutHash);
        Assert.NotEqual(Example.LayoutHash, new Scene(Background.White, Example.Objects).LayoutHash);
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        var o = new SceneObject(Shape.Star, Colour.Red, ObjectSize.Big, new(0, 0));
        Assert.Contains("1 to 5", Assert.Throws<WorldException>(() => new Scene(Background.White)).Message);
        Assert.Contains("one cell", Assert.Throws<WorldException>(() => new Scene(Background.White, o, o)).Message);
        Assert.Contains(
            "outside",
            Assert.Throws<WorldException>(() => new Scene(Background.White, o with { Cell = new(3, 0) })).Message);
        Assert.Contains(
            "outside", Assert.Throws<WorldException>(() => new Scene(Background.White, o with { JitterX = 9 })).Message);
        Assert.Contains("multiple of 112", Assert.Throws<WorldException>(() => Renderer.Render(Example, 100)).Message);
    }

    [Fact]
    public void ThrowsAreAFunctionOfSeedIndexAndNumber()
    {
        Dice one = new(7, 3), same = new(7, 3), other = new(7, 4);
        ulong[] throws = [one.NextBits(), one.NextBits(), one.NextBits()];
        Assert.All(throws, bits => Assert.Equal(bits, same.NextBits()));
        Assert.NotEqual(throws[0], other.NextBits());
        int[] counts = new int[6];
        for (int i = 0; i < 6000; i++)
        {
            counts[one.Below(6)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void AnEighthIsForTestsAndNoSceneIsOfTwoParts()
    {
        var dice = new Dice(1, 1);
        int[] counts = new int[4];
        for (int i = 0; i < 16000; i++)
        {
            counts[(int)Splits.Of(SceneSampler.Draw(dice))]++;
        }

        Assert.InRange(counts[(int)WorldSplit.Test], 1800, 2200);
        Assert.InRange(counts[(int)WorldSplit.Validation], 850, 1150);
        Assert.Equal(0, counts[(int)WorldSplit.Composition]);
        Scene jittered = SceneSampler.Jitter(Example, dice);
        Assert.Equal(Splits.Of(Example), Splits.Of(jittered));
    }

    [Fact]
    public void APictureIsTheSameEverywhere()
    {
        Picture picture = Renderer.Render(Example);
        string hash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(picture.Rgb))[..16];
        Assert.Equal(GoldenPicture, hash);
        Assert.Equal(Palette.Of(Background.Beige), picture[110, 110]);
        Assert.Equal(Palette.Of(Colour.Red), picture[19, 19]);
        Assert.Equal((224, 224), (Renderer.Render(Example, 224).Width, Renderer.Render(Example, 224).Height));
    }

    private const ulong GoldenHash = 8363565770314761604;
    private const string GoldenPicture = "788C8187777D36E2";
}
