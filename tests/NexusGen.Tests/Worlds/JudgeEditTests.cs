using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>Edits of any kind are judged twice: the change is there, and all else is as it was.</summary>
public sealed class JudgeEditTests
{
    private static readonly SceneObject Star = new(Shape.Star, Colour.Red, ObjectSize.Big, new(0, 0), 6, -5);
    private static readonly SceneObject Ring = new(Shape.Ring, Colour.Blue, ObjectSize.Small, new(1, 1), -8, 3);
    private static readonly SceneObject Heart = new(Shape.Heart, Colour.Pink, ObjectSize.Big, new(2, 2));
    private static readonly Scene Source = new(Background.Gray, Star, Ring, Heart);

    public static TheoryData<string> Kinds => [.. Edits.Keys];

    private static Dictionary<string, Scene> Edits { get; } = new()
    {
        ["add"] = new(Background.Gray, Star, Ring, Heart, new SceneObject(Shape.Cross, Colour.Green, ObjectSize.Small, new(0, 2))),
        ["remove"] = new(Background.Gray, Ring, Heart),
        ["replace"] = new(Background.Gray, Star with { Shape = Shape.Diamond }, Ring, Heart),
        ["recolour"] = new(Background.Gray, Star with { Colour = Colour.Cyan }, Ring, Heart),
        ["resize"] = new(Background.Gray, Star with { Size = ObjectSize.Small }, Ring, Heart),
        ["move"] = new(Background.Gray, Star with { Cell = new(0, 1) }, Ring, Heart),
        ["background"] = new(Background.Brown, Star, Ring, Heart),
        ["two"] = new(Background.Black, Ring, Heart with { Colour = Colour.Orange }),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheRightEditIsRightUnderWear(string kind)
    {
        for (int i = 0; i < 20; i++)
        {
            Dice dice = new(41, (ulong)i);
            Picture picture = RandomScenes.Wear(dice).Apply(Renderer.Render(Edits[kind]), dice);
            EditVerdict verdict = Judge.CheckEdit(picture, Source, Edits[kind]);
            Assert.True(verdict.IsRight, verdict.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ACopyLacksTheChangeAlone(string kind) => AssertVerdict(kind, Source, change: false, rest: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnotherObjectOfAnotherColourSpoilsTheRestAlone(string kind) =>
        AssertVerdict(kind, Swap(Edits[kind], Ring, Ring with { Colour = Colour.Yellow }), change: true, rest: false);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnotherObjectThatIsGoneSpoilsTheRestAlone(string kind) =>
        AssertVerdict(kind, new Scene(Edits[kind].Background, Edits[kind].Objects.Remove(Ring)), change: true, rest: false);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnObjectThatCameUnaskedSpoilsTheRestAlone(string kind)
    {
        Scene more = new(Edits[kind].Background, Edits[kind].Objects.Add(new(Shape.Circle, Colour.Purple, ObjectSize.Small, new(2, 0))));
        AssertVerdict(kind, more, change: true, rest: false);
    }

    [Fact]
    public void WhatIsLeftAloneMustNotMove()
    {
        AssertVerdict("recolour", Swap(Edits["recolour"], Ring, Ring with { JitterX = 0 }), change: true, rest: true);
        Picture far = Renderer.Render(Swap(Edits["recolour"], Ring, Ring with { JitterX = 8 }));
        EditVerdict verdict = Judge.CheckEdit(new Degradation(ShiftX: 2).Apply(far, new Dice(0, 0)), Source, Edits["recolour"]);
        Assert.True(verdict.Rest.Has(FaultKind.WrongPlace), verdict.ToString());
    }

    [Fact]
    public void AWrongChangeIsNotTheChange()
    {
        EditVerdict verdict = AssertVerdict(
            "recolour", Swap(Source, Star, Star with { Colour = Colour.Orange }), change: false, rest: true);
        Assert.Equal(FaultKind.WrongColour, Assert.Single(verdict.Change.Faults).Kind);
    }

    private static Scene Swap(Scene scene, SceneObject old, SceneObject other) =>
        new(scene.Background, scene.Objects.Replace(old, other));

    private static EditVerdict AssertVerdict(string kind, Scene drawn, bool change, bool rest)
    {
        EditVerdict verdict = Judge.CheckEdit(Renderer.Render(drawn), Source, Edits[kind]);
        Assert.True((change, rest) == (verdict.Change.IsRight, verdict.Rest.IsRight), verdict.ToString());
        return verdict;
    }
}
