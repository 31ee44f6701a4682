using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>The judge reads correct images correctly, whatever a decoder does to them, and rejects wrong ones.</summary>
public sealed class JudgeTests
{
    private static readonly Scene Example = new(
        Background.Gray,
        new SceneObject(Shape.Star, Colour.Red, ObjectSize.Big, new(0, 0)),
        new SceneObject(Shape.Ring, Colour.Blue, ObjectSize.Small, new(1, 1)),
        new SceneObject(Shape.Heart, Colour.Pink, ObjectSize.Big, new(2, 2)));

    [Fact]
    public void TenThousandTrueRenderingsAreReadRight()
    {
        const int count = 10_000;
        int right = 0;
        Parallel.For(0, count, i =>
        {
            var dice = new Dice(77, (ulong)i);
            Scene scene = SceneSampler.Draw(dice);
            scene = dice.Chance(0.5) ? SceneSampler.Jitter(scene, dice) : scene;
            var wear = new Degradation(
                BlurSigma: dice.Unit(),
                NoiseSigma: 8 * dice.Unit(),
                ShiftX: (4 * dice.Unit()) - 2,
                ShiftY: (4 * dice.Unit()) - 2,
                ColourError: 10 * dice.Unit());
            if (Judge.Check(wear.Apply(Renderer.Render(scene), dice), scene).IsRight)
            {
                Interlocked.Increment(ref right);
            }
        });
        Assert.InRange(right, 0.999 * count, count);
    }

    [Fact]
    public void WhatIsWrongIsNamed()
    {
        SceneObject star = Example.Objects[0];
        AssertFault(FaultKind.Missing, Example.Objects[..2]);
        AssertFault(
            FaultKind.Extra, [.. Example.Objects, new SceneObject(Shape.Cross, Colour.Cyan, ObjectSize.Small, new(0, 2))]);
        AssertFault(FaultKind.WrongColour, [star with { Colour = Colour.Green }, .. Example.Objects[1..]]);
        AssertFault(FaultKind.WrongShape, [star with { Shape = Shape.Square }, .. Example.Objects[1..]]);
        AssertFault(FaultKind.WrongSize, [star with { Size = ObjectSize.Small }, .. Example.Objects[1..]]);
        AssertFault(FaultKind.WrongPlace, [star with { Cell = new(0, 1) }, .. Example.Objects[1..]]);
        Assert.True(
            Judge.Check(Renderer.Render(new Scene(Background.Brown, Example.Objects)), Example).Has(FaultKind.WrongBackground));
    }

    [Fact]
    public void ObjectsThatRunTogetherAreRefused()
    {
        Picture picture = Renderer.Render(new Scene(
            Background.White,
            new SceneObject(Shape.Square, Colour.Red, ObjectSize.Big, new(1, 0)),
            new SceneObject(Shape.Square, Colour.Red, ObjectSize.Big, new(1, 1))));

        // A bridge between the two objects.
        for (int y = 50; y < 62; y++)
        {
            for (int x = 19; x < 56; x++)
            {
                Set(picture, x, y, Palette.Of(Colour.Red));
            }
        }

        Assert.Null(Judge.Read(picture).ToScene());
    }

    [Fact]
    public void WhatIsNotOfThisWorldIsNoScene()
    {
        var dice = new Dice(5, 5);
        byte[] noise = new byte[3 * 112 * 112];
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = (byte)dice.Below(256);
        }

        Assert.Null(Judge.Read(new Picture(112, 112, noise)).ToScene());
        Assert.Null(Judge.Read(new Picture(112, 112, new byte[3 * 112 * 112])).ToScene());
        byte[] stripes = new byte[3 * 112 * 112];
        for (int i = 0; i < stripes.Length; i++)
        {
            stripes[i] = (byte)(i / 3 / 4 % 2 * 255);
        }

        Assert.Null(Judge.Read(new Picture(112, 112, stripes)).ToScene());
        Assert.Throws<WorldException>(() => Judge.Read(new Picture(112, 224, new byte[3 * 112 * 224])));
    }

    [Fact]
    public void AnEditIsJudgedTwice()
    {
        SceneObject star = Example.Objects[0], ring = Example.Objects[1];
        var wanted = new Scene(Example.Background, [star with { Colour = Colour.Green }, .. Example.Objects[1..]]);
        EditVerdict good = Check(wanted), nothing = Check(Example);
        EditVerdict broke = Check(new Scene(
            Example.Background,
            [star with { Colour = Colour.Green }, ring with { Shape = Shape.Cross }, Example.Objects[2]]));
        EditVerdict ground = Check(new Scene(Background.Black, wanted.Objects));
        Assert.True(good.IsRight);
        Assert.Equal((false, true), (nothing.Change.IsRight, nothing.Rest.IsRight));
        Assert.Equal((true, false), (broke.Change.IsRight, broke.Rest.IsRight));
        Assert.Equal((true, false), (ground.Change.IsRight, ground.Rest.IsRight));
        EditVerdict Check(Scene drawn) => Judge.CheckEdit(Renderer.Render(drawn), Example, wanted);
    }

    [Theory]
    [InlineData("two", "Two.", true)]
    [InlineData("two", "three", false)]
    [InlineData("red", "It is red", true)]
    [InlineData("red", "blue", false)]
    [InlineData("at the top left", "in the upper left corner", true)]
    [InlineData("at the top left", "at the top right", false)]
    [InlineData(
        "a big red star at the top, a small ring on the left, on a white background",
        "a small ring on the left, a big red star at the top, on a white background",
        true)]
    [InlineData("a big red star at the top, on a white background", "a big red star at the top", false)]
    [InlineData("是的", "是的。", true)]
    [InlineData("是的", "不是", false)]
    [InlineData("红色", "蓝色", false)]
    public void AnswersAreJudgedByWhatTheySay(string expected, string reply, bool right) =>
        Assert.Equal(right, AnswerJudge.Check(expected, reply).IsRight);

    private static void AssertFault(FaultKind kind, IEnumerable<SceneObject> drawn)
    {
        Verdict verdict = Judge.Check(Renderer.Render(new Scene(Example.Background, drawn)), Example);
        Assert.False(verdict.IsRight);
        Assert.True(verdict.Has(kind), verdict.ToString());
    }

    private static void Set(Picture picture, int x, int y, Rgb colour)
    {
        int at = 3 * ((y * picture.Width) + x);
        (picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]) = (colour.R, colour.G, colour.B);
    }
}
