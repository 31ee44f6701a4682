using NexusGen.Imaging;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>The judge rejects errors in any scene, degraded or not, and names them.</summary>
public sealed class JudgeRefusalTests
{
    private static readonly Rgb Red = Palette.Of(Colour.Red);
    private static readonly Rgb White = Palette.Of(Background.White);

    public static TheoryData<Shape> Shapes => [.. Enum.GetValues<Shape>()];

    [Theory]
    [InlineData(FaultKind.WrongColour)]
    [InlineData(FaultKind.WrongShape)]
    [InlineData(FaultKind.WrongSize)]
    [InlineData(FaultKind.WrongPlace)]
    [InlineData(FaultKind.WrongBackground)]
    [InlineData(FaultKind.Missing)]
    [InlineData(FaultKind.Extra)]
    public void OneThingWrongInAnySceneIsNamed(FaultKind kind)
    {
        for (int i = 0; i < 150; i++)
        {
            Dice dice = new(31, (ulong)i);
            Scene expected = RandomScenes.Draw(dice);
            if (Spoil(expected, kind, dice) is { } drawn)
            {
                Verdict verdict = Judge.Check(RandomScenes.Wear(dice).Apply(Renderer.Render(drawn), dice), expected);
                Assert.True(verdict.Faults.Length == 1 && verdict.Has(kind), $"{expected} drawn as {drawn}: {verdict}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AnObjectOfTwoColoursIsMerged(Shape shape) => AssertProblem(FaultKind.Merged, picture =>
    {
        Brush.Shape(picture, shape, 15, 56, 56, Red);
        Brush.Shape(picture, shape, 10, 64, 56, Palette.Of(Colour.Blue));
    });

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TwoObjectsOfOneColourThatOverlapAreRefused(Shape shape) => AssertRefused(picture =>
    {
        Brush.Shape(picture, shape, 15, 48, 56, Red);
        Brush.Shape(picture, shape, 15, 64, 56, Red);
    });

    [Theory]
    [MemberData(nameof(Shapes))]
    public void HalfAnObjectIsRefused(Shape shape) => AssertRefused(picture =>
    {
        Brush.Shape(picture, shape, 15, 56, 56, Red);
        Brush.Box(picture, 30, 30, 60, 26, White);
    });

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ASizeInTheMiddleIsRefused(Shape shape) =>
        AssertRefused(picture => Brush.Shape(picture, shape, 12.5, 56, 56, Red));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AnObjectBetweenCellsIsInNoPlace(Shape shape) =>
        AssertProblem(FaultKind.WrongPlace, picture => Brush.Shape(picture, shape, 10, 56, 74, Red));

    [Theory]
    [InlineData(30, 8)]
    [InlineData(10, 30)]
    [InlineData(30, 18)]
    [InlineData(12, 12)]
    [InlineData(5, 5)]
    public void ABarIsNoObject(int width, int height) =>
        AssertProblem(FaultKind.Unclear, picture => Brush.Box(picture, 56 - (width / 2), 56 - (height / 2), width, height, Red));

    [Fact]
    public void AColourOfNoObjectIsUnclear() =>
        AssertProblem(FaultKind.Unclear, picture => Brush.Shape(picture, Shape.Circle, 15, 56, 56, new(120, 130, 20)));

    [Fact]
    public void AGhostOfAnObjectIsNotThatObject() =>
        AssertRefused(picture => Brush.Shape(picture, Shape.Star, 15, 56, 56, new(238, 150, 150)));

    [Fact]
    public void AStrangeBackgroundIsNoneOfTheFive()
    {
        Picture picture = Brush.Blank(new(30, 160, 160));
        Brush.Shape(picture, Shape.Square, 15, 56, 56, Red);
        SceneReading reading = Judge.Read(picture);
        Assert.Null(reading.Background);
        Assert.Null(reading.ToScene());
        Scene expected = new(Background.Gray, new SceneObject(Shape.Square, Colour.Red, ObjectSize.Big, Cell.Center));
        Fault fault = Assert.Single(Judge.Check(picture, expected).Faults);
        Assert.Equal("WrongBackground: none of this world instead of Gray", fault.ToString());
    }

    [Fact]
    public void DirtEverywhereIsAProblem() => AssertProblem(FaultKind.Unclear, picture =>
    {
        Brush.Shape(picture, Shape.Circle, 15, 56, 56, Red);
        for (int i = 0; i < 18 * 18; i++)
        {
            Brush.Box(picture, i % 18 * 6, i / 18 * 6, 2, 2, default);
        }
    });

    [Fact]
    public void AnEmptyPictureMissesEverything()
    {
        Scene expected = RandomScenes.Draw(new Dice(4, 4));
        Picture blank = Brush.Blank(Palette.Of(expected.Background));
        Verdict verdict = Judge.Check(blank, expected);
        Assert.Equal(expected.Objects.Length, verdict.Faults.Count(f => f.Kind == FaultKind.Missing));
        Assert.Null(Judge.Read(blank).ToScene());
    }

    [Theory]
    [InlineData("cat.png")]
    [InlineData("street.png")]
    [InlineData("pot.png")]
    [InlineData("room.png")]
    [InlineData("photo.webp")]
    public void APhotographIsNoScene(string name)
    {
        RgbImage photo = ImageFitting.CoverCrop(ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", name)), 112, 112);
        SceneReading reading = Judge.Read(new Picture(112, 112, photo.Pixels.ToArray()));
        Assert.Null(reading.ToScene());
        Assert.NotEmpty(reading.Problems);
    }

    private static Scene? Spoil(Scene scene, FaultKind kind, Dice dice)
    {
        int which = dice.Below(scene.Objects.Length);
        SceneObject o = scene.Objects[which];
        Cell free = Enumerable.Range(0, Cell.Count).Select(Cell.At).First(cell => scene.At(cell) is null);
        return kind switch
        {
            FaultKind.WrongColour => Replace(o with { Colour = (Colour)(((int)o.Colour + dice.Between(1, 7)) % 8) }),
            FaultKind.WrongShape => Replace(o with { Shape = (Shape)(((int)o.Shape + dice.Between(1, 7)) % 8) }),
            FaultKind.WrongSize => Replace(o with { Size = 1 - o.Size }),
            FaultKind.WrongPlace => Replace(o with { Cell = free }),
            FaultKind.WrongBackground => new Scene((Background)(((int)scene.Background + dice.Between(1, 4)) % 5), scene.Objects),
            FaultKind.Missing => scene.Objects.Length == 1 ? null : new Scene(scene.Background, scene.Objects.RemoveAt(which)),
            _ => scene.Objects.Length == Scene.MaxObjects
                ? null
                : new Scene(scene.Background, scene.Objects.Add(o with { Cell = free })),
        };
        Scene Replace(SceneObject other) => new(scene.Background, scene.Objects.SetItem(which, other));
    }

    private static void AssertProblem(FaultKind kind, Action<Picture> paint) => Assert.Contains(
        AssertRefused(paint).Problems, problem => problem.Kind == kind);

    private static SceneReading AssertRefused(Action<Picture> paint)
    {
        Picture picture = Brush.Blank(White);
        paint(picture);
        SceneReading reading = Judge.Read(picture);
        Assert.True(reading.ToScene() is null && !reading.Problems.IsEmpty, reading.ToString());
        return reading;
    }
}
