using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Texts;

namespace NexusGen.Worlds.Tasks;

/// <summary>Questions about pictures, with their one right answer. A pure function of the dice.</summary>
public static class Understanding
{
    /// <summary>The kinds of questions; <c>several</c> asks some of them in turn about one picture.</summary>
    public static ImmutableArray<string> Categories { get; } =
        ["describe", "count", "colour", "shape", "where", "exists", "relation", "compare", "several"];

    /// <summary>
    /// What is practised besides: <c>drill</c> asks questions of one kind about one picture again and again, or compares two
    /// pictures in several ways, so that a short answer such as a yes teaches as much as a long one. <c>counts</c> and
    /// <c>relations</c> are drills of one kind, the latter with about as many that hold as that don't.
    /// </summary>
    public static ImmutableArray<string> Exercises { get; } = ["drill", "counts", "relations"];

    /// <summary>A sample.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <param name="language">The language.</param>
    /// <param name="category">One of <see cref="Categories"/>.</param>
    /// <param name="split">The split of all scenes.</param>
    /// <param name="jitter">Whether objects stand off the middle of their cells.</param>
    /// <returns>The sample.</returns>
    /// <exception cref="WorldException">There is no such category.</exception>
    public static WorldSample Make(Dice dice, TextLanguage language, string category, WorldSplit split, bool jitter = false)
    {
        ArgumentNullException.ThrowIfNull(dice);
        while (true)
        {
            WorldSample? sample = category switch
            {
                "compare" => Compare(dice, language, split, jitter),
                "several" => Several(dice, language, split, jitter),
                "drill" => Drill(
                    category,
                    dice.Pick(
                        "count", "colour", "shape", "where", "exists", "relation", "relation", "relation", "compare", "compare",
                        "compare"),
                    dice, language, split, jitter),
                "counts" => Drill(category, "count", dice, language, split, jitter),
                "relations" => Drill(category, "relation", dice, language, split, jitter),
                _ => About(SceneSampler.Draw(dice, split, jitter), dice, language, category),
            };
            if (sample is not null)
            {
                return sample;
            }
        }
    }

    // Null where the scene allows no such question, for instance of a relation where there is one object.
    private static WorldSample? About(Scene scene, Dice dice, TextLanguage language, string category) =>
        Ask(scene, dice, language, category) is ({ } question, { } answer)
            ? new WorldSample(
                WorldTask.Understand, category, language,
                [new(false, WorldSample.ImageMark + Sentence.Question(language, dice, question)), new(true, answer)], [scene])
            : null;

    private static WorldSample? Several(Dice dice, TextLanguage language, WorldSplit split, bool jitter)
    {
        Scene scene = SceneSampler.Draw(dice, split, jitter);
        List<(string, string)?> asked = [];
        int count = dice.Between(3, 5);
        for (int i = 0; i < count; i++)
        {
            string category = i == 0 && dice.Chance(0.6)
                ? "describe"
                : dice.Pick("count", "colour", "shape", "where", "exists", "relation");
            asked.Add(Ask(scene, dice, language, category));
        }

        return Conversation("several", dice, language, [scene], asked);
    }

    private static WorldSample? Drill(
        string exercise, string kind, Dice dice, TextLanguage language, WorldSplit split, bool jitter)
    {
        Scene scene = SceneSampler.Draw(dice, split, jitter);
        Scene? second = kind != "compare" ? null : dice.Chance(0.2) ? scene : SceneSampler.Draw(dice, split, jitter);
        List<(string, string)?> asked = [];
        for (int i = 0; i < 6; i++)
        {
            asked.Add(
                second is not null ? AskBoth(scene, second, dice, language)
                : exercise == "relations" ? AskRelation(scene, dice, language, Speech.Of(language), even: true)
                : Ask(scene, dice, language, kind));
        }

        return Conversation(exercise, dice, language, second is null ? [scene] : [scene, second], asked);
    }

    // Null where the scenes allow none of the questions.
    private static WorldSample? Conversation(
        string category, Dice dice, TextLanguage language, ImmutableArray<Scene> pictures,
        IEnumerable<(string Question, string Answer)?> asked)
    {
        List<WorldTurn> turns = [];
        foreach ((string question, string answer) in asked.OfType<(string, string)>())
        {
            string text = Sentence.Question(language, dice, question);
            turns.Add(new(false, turns.Count > 0 ? text : string.Concat(pictures.Select(_ => WorldSample.ImageMark)) + text));
            turns.Add(new(true, answer));
        }

        return turns.Count == 0 ? null : new WorldSample(WorldTask.Understand, category, language, [.. turns], pictures);
    }

    private static (string Question, string Answer)? Ask(Scene scene, Dice dice, TextLanguage language, string category)
    {
        var speech = Speech.Of(language);
        return category switch
        {
            "describe" => (QuestionIntents.Describe.Say(language, dice), speech.Describe(scene)),
            "count" => AskCount(scene, dice, language, speech),
            "colour" => AskColour(scene, dice, language, speech),
            "shape" => AskShape(scene, dice, language, speech),
            "where" => AskWhere(scene, dice, language, speech),
            "exists" => AskExists(scene, dice, language, speech),
            "relation" => AskRelation(scene, dice, language, speech),
            _ => throw new WorldException(
                $"There is no category {category} of questions: {string.Join(", ", Categories)}."),
        };
    }

    private static (string, string)? AskCount(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        // As often of what is there as of what may not be.
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        Shape shape = dice.Chance(0.7) ? o.Shape : dice.Any<Shape>();
        Colour colour = dice.Chance(0.7) ? o.Colour : dice.Any<Colour>();
        ObjectFilter what = dice.Below(4) switch
        {
            0 => new(),
            1 => new(shape),
            2 => new(null, colour),
            _ => new(shape, colour),
        };
        string kind = speech.Kind(what, dice);
        return (
            QuestionIntents.Count.Say(language, dice, kind, speech.Measure(what.Shape)),
            speech.Amount(what.CountIn(scene), what.Shape));
    }

    private static (string, string)? AskColour(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        if (dice.Chance(0.15))
        {
            return (QuestionIntents.GroundColour.Say(language, dice), speech.Name(scene.Background));
        }

        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        return Reference.To(scene, o, dice, o => o with { Colour = null }) is { } what
            ? (QuestionIntents.Colour.Say(language, dice, speech.The(what, dice)), speech.Name(o.Colour))
            : null;
    }

    private static (string, string)? AskShape(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        return Reference.To(scene, o, dice, o => o with { Shape = null }) is { } what
            ? (QuestionIntents.ShapeOf.Say(language, dice, speech.The(what, dice)), speech.Name(o.Shape))
            : null;
    }

    private static (string, string)? AskWhere(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        return Reference.To(scene, o, dice, o => o with { Place = null }) is { } what
            ? (QuestionIntents.Where.Say(language, dice, speech.The(what, dice)), speech.Place(o.Cell, null))
            : null;
    }

    private static (string, string)? AskExists(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        bool wanted = dice.Chance(0.5);
        Shape shape = wanted || dice.Chance(0.5) ? o.Shape : dice.Any<Shape>();
        Colour colour = wanted || dice.Chance(0.5) ? o.Colour : dice.Any<Colour>();
        ObjectFilter what = dice.Chance(0.3) ? new(shape) : new(shape, colour);
        return (
            QuestionIntents.Exists.Say(language, dice, speech.Some(what, 1, dice)),
            Answers.YesNo(language, what.CountIn(scene) > 0));
    }

    private static (string, string)? AskRelation(Scene scene, Dice dice, TextLanguage language, Speech speech, bool even = false)
    {
        if (scene.Objects.Length < 2)
        {
            return null;
        }

        SceneObject first = dice.Pick(scene.Objects.AsSpan()), second = dice.Pick(scene.Objects.AsSpan());
        Relation relation = dice.Any<Relation>();
        if (Reference.To(scene, first, dice, o => o with { Place = null }) is not { } one
            || Reference.To(scene, second, dice, o => o with { Place = null }) is not { } other
            || first.Cell == second.Cell)
        {
            return null;
        }

        // Of all that may be asked about a third holds, and a no is always the better guess.
        if (even && dice.Chance(0.25))
        {
            relation = dice.Pick(Enum.GetValues<Relation>().Where(relation => first.Cell.Is(relation, second.Cell)).ToArray());
        }

        string a = speech.The(one, dice), b = speech.The(other, dice);
        bool isSo = first.Cell.Is(relation, second.Cell), isOpposite = second.Cell.Is(relation, first.Cell);
        if (dice.Chance(0.6))
        {
            return (
                QuestionIntents.Stands.Say(language, dice, a, b, speech.Relation(relation, dice)),
                Because(Answers.YesNo(language, isSo)));
        }

        // Of two in one row none is further up.
        return isSo == isOpposite
            ? null
            : (QuestionIntents.Further.Say(language, dice, a, b, Answers.Towards(language, relation)),
                Because(Answers.It(language, isSo ? a : b)));

        // Where both stand first, along the direction that is asked of, the conclusion then: two looks and a comparison are too
        // much for one word.
        string Because(string conclusion) =>
            Answers.Because(language, a, PlaceAlong(first.Cell), b, PlaceAlong(second.Cell), conclusion);
        string PlaceAlong(Cell cell) => speech.Place(
            relation is Relation.Left or Relation.Right
                ? cell with { Row = Cell.Center.Row }
                : cell with { Column = Cell.Center.Column },
            null);
    }

    private static WorldSample? Compare(Dice dice, TextLanguage language, WorldSplit split, bool jitter)
    {
        Scene first = SceneSampler.Draw(dice, split, jitter);
        bool alike = dice.Chance(0.4);
        Scene second = alike && dice.Chance(0.5) ? first : SceneSampler.Draw(dice, split, jitter);
        return Conversation(
            "compare", dice, language, [first, second],
            [alike ? AskSame(first, second, dice, language) : AskMore(first, second, dice, language)]);
    }

    private static (string, string)? AskBoth(Scene first, Scene second, Dice dice, TextLanguage language) =>
        dice.Chance(0.3) ? AskSame(first, second, dice, language) : AskMore(first, second, dice, language);

    private static (string, string) AskSame(Scene first, Scene second, Dice dice, TextLanguage language) =>
        (QuestionIntents.Same.Say(language, dice), Answers.YesNo(language, first.SameLayout(second)));

    private static (string, string)? AskMore(Scene first, Scene second, Dice dice, TextLanguage language)
    {
        SceneObject o = dice.Pick(dice.Chance(0.5) ? first.Objects.AsSpan() : second.Objects.AsSpan());
        ObjectFilter what = dice.Below(3) switch { 0 => new(), 1 => new(o.Shape), _ => new(null, o.Colour) };
        int difference = what.CountIn(first).CompareTo(what.CountIn(second));
        return difference == 0
            ? null
            : (QuestionIntents.More.Say(language, dice, Speech.Of(language).Kind(what, dice)),
                Answers.Ordinal(language, first: difference > 0));
    }
}
