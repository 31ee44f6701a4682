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

    private static readonly Intent Describe = new(
        [
            "[what is|what do you see] in [this|the] picture", "describe [this|the] [picture|image]", "what does [this|the] [picture|image] show",
            "[please |]tell me what is in [this|the] [picture|image]", "which objects are in [this|the] [picture|image] and where",
            "what is [there|shown] in [this|the] [picture|image]", "[please |]describe what you see[ in this picture|]", "what can you see[ in this image|]",
        ],
        ["[请|]描述[一下|]这[张|幅]图[片|像|]", "这[张|幅]图[片|像|][里|中|上]有什么", "图[片|像|][里|中]画了什么", "[请|]说说这[张|幅]图[里|中]有什么"]);

    private static readonly Intent Count = new(
        ["how many {0} are [there|in the picture|in this image|you able to see]", "count the {0}", "what is the number of {0}", "[please |]tell me how many {0} there are"],
        ["[图里|图中|]有[多少|几]{1}{0}", "[请|]数一数[图里|图中|][有|]几{1}{0}", "{0}有[多少|几]{1}"]);

    private static readonly Intent Colour = new(
        ["what colour is {0}", "which colour [is|has] {0}", "what is the colour of {0}", "[please |]tell me the colour of {0}"],
        ["{0}是什么颜色[的|]", "{0}是哪种颜色", "[请|]告诉我{0}的颜色", "{0}的颜色是什么"]);

    private static readonly Intent GroundColour = new(
        [
            "what colour is the background", "which colour [is|has] the background", "what is the background's colour", "what is the colour of the background",
            "[please |]tell me the colour of the background",
        ],
        ["背景是什么颜色[的|]", "背景是哪种颜色", "背景的颜色是什么", "[请|]告诉我背景[的|是什么]颜色"]);

    private static readonly Intent ShapeOf = new(
        ["what shape is {0}", "which shape [is|has] {0}", "what is {0}", "[please |]tell me the shape of {0}"],
        ["{0}是什么形状[的|]", "{0}是哪种形状", "[请|]告诉我{0}的形状", "{0}是什么"]);

    private static readonly Intent Where = new(
        [
            "where is {0}[ in the picture|]", "where in the [picture|image] is {0}", "in which place is {0}", "what is the place of {0}", "where do you see {0}",
            "[please |]tell me [where {0} is|the place of {0}]",
        ],
        ["{0}在[图里|图中|]哪里", "{0}在[图里|图中|]什么[位置|地方]", "[请|]告诉我{0}在[哪里|什么位置]", "{0}的位置[是什么|在哪里]"]);

    private static readonly Intent Exists = new(
        [
            "is there {0}[ in the picture| in this image|]", "[do|can] you see {0}[ in this image|]", "does [the|this] [picture|image] [show|have] {0}",
            "is {0} [in the picture|in this image|there]", "[please |]tell me if [there is {0}|you see {0}|the picture shows {0}]",
        ],
        [
            "[图里|图中|这里|]有{0}吗", "[图里|图中|这里|]有没有{0}", "[图里|图中|这里|]是[不是|否]有{0}", "你[能|]看到{0}吗", "[请|]告诉我[图里|图中|]有没有{0}",
        ]);

    private static readonly Intent Stands = new(
        ["is {0} {2} {1}[ in the picture|]", "does {0} stand {2} {1}", "is it true that {0} [is|stands] {2} {1}", "do you see {0} {2} {1}"],
        ["[图里|图中|]{0}在{1}的{2}吗", "[图里|图中|]{0}[是不是|是否]在{1}的{2}"]);

    private static readonly Intent Further = new(
        ["[which|what] [is|stands] further {2}[,|:] {0} or {1}", "[please |]tell me which is further {2}, {0} or {1}"],
        ["{0}和{1}[，|]哪[|一]个更靠{2}", "[图里|图中|]哪[|一]个更靠{2}，{0}还是{1}"]);

    private static readonly Intent Same = new(
        ["are [these|the|these two|the two] [pictures|images] the same", "do both [pictures|images] show the same", "is the second [picture|image] like the first"],
        ["这两[张|幅]图[片|像|][一样|相同]吗", "两[张|幅]图[是不是|是否][一样|相同]"]);

    private static readonly Intent More = new(
        ["which [picture|image] [has|shows] more {0}", "in which [picture|image] are [there |]more {0}"],
        ["哪[张|幅]图[里|中|][的|]{0}更多", "{0}在哪[张|幅]图[里|中]更多"]);

    /// <summary>A sample.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <param name="language">The language.</param>
    /// <param name="category">One of <see cref="Categories"/>.</param>
    /// <param name="split">The split of all scenes.</param>
    /// <param name="jitter">Whether objects stand off the middle of their cells.</param>
    /// <returns>The sample.</returns>
    /// <exception cref="ShapesWorldException">There is no such category.</exception>
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
                    dice.Pick("count", "colour", "shape", "where", "exists", "relation", "relation", "relation", "compare", "compare", "compare"),
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
                WorldTask.Understand, category, language, [new(false, WorldSample.ImageMark + Sentence.Question(language, dice, question)), new(true, answer)], [scene])
            : null;

    private static WorldSample? Several(Dice dice, TextLanguage language, WorldSplit split, bool jitter)
    {
        Scene scene = SceneSampler.Draw(dice, split, jitter);
        List<(string, string)?> asked = [];
        int count = dice.Between(3, 5);
        for (int i = 0; i < count; i++)
        {
            string category = i == 0 && dice.Chance(0.6) ? "describe" : dice.Pick("count", "colour", "shape", "where", "exists", "relation");
            asked.Add(Ask(scene, dice, language, category));
        }

        return Conversation("several", dice, language, [scene], asked);
    }

    private static WorldSample? Drill(string exercise, string kind, Dice dice, TextLanguage language, WorldSplit split, bool jitter)
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
        string category, Dice dice, TextLanguage language, ImmutableArray<Scene> pictures, IEnumerable<(string Question, string Answer)?> asked)
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
            "describe" => (Describe.Say(language, dice), speech.Describe(scene)),
            "count" => AskCount(scene, dice, language, speech),
            "colour" => AskColour(scene, dice, language, speech),
            "shape" => AskShape(scene, dice, language, speech),
            "where" => AskWhere(scene, dice, language, speech),
            "exists" => AskExists(scene, dice, language, speech),
            "relation" => AskRelation(scene, dice, language, speech),
            _ => throw new ShapesWorldException($"There is no category {category} of questions: {string.Join(", ", Categories)}."),
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
        return (Count.Say(language, dice, kind, speech.Measure(what.Shape)), speech.Amount(what.CountIn(scene), what.Shape));
    }

    private static (string, string)? AskColour(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        if (dice.Chance(0.15))
        {
            return (GroundColour.Say(language, dice), speech.Name(scene.Background));
        }

        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        return Reference.To(scene, o, dice, o => o with { Colour = null }) is { } what
            ? (Colour.Say(language, dice, speech.The(what, dice)), speech.Name(o.Colour))
            : null;
    }

    private static (string, string)? AskShape(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        return Reference.To(scene, o, dice, o => o with { Shape = null }) is { } what
            ? (ShapeOf.Say(language, dice, speech.The(what, dice)), speech.Name(o.Shape))
            : null;
    }

    private static (string, string)? AskWhere(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        return Reference.To(scene, o, dice, o => o with { Place = null }) is { } what
            ? (Where.Say(language, dice, speech.The(what, dice)), speech.Place(o.Cell, null))
            : null;
    }

    private static (string, string)? AskExists(Scene scene, Dice dice, TextLanguage language, Speech speech)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        bool wanted = dice.Chance(0.5);
        Shape shape = wanted || dice.Chance(0.5) ? o.Shape : dice.Any<Shape>();
        Colour colour = wanted || dice.Chance(0.5) ? o.Colour : dice.Any<Colour>();
        ObjectFilter what = dice.Chance(0.3) ? new(shape) : new(shape, colour);
        return (Exists.Say(language, dice, speech.Some(what, 1, dice)), Answers.YesNo(language, what.CountIn(scene) > 0));
    }

    private static (string, string)? AskRelation(Scene scene, Dice dice, TextLanguage language, Speech speech, bool even = false)
    {
        if (scene.Objects.Length < 2)
        {
            return null;
        }

        SceneObject first = dice.Pick(scene.Objects.AsSpan()), second = dice.Pick(scene.Objects.AsSpan());
        Relation relation = dice.Any<Relation>();
        if (Reference.To(scene, first, dice, o => o with { Place = null }) is not { } one || Reference.To(scene, second, dice, o => o with { Place = null }) is not { } other
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
            return (Stands.Say(language, dice, a, b, speech.Relation(relation, dice)), Because(Answers.YesNo(language, isSo)));
        }

        // Of two in one row none is further up.
        return isSo == isOpposite ? null : (Further.Say(language, dice, a, b, Answers.Towards(language, relation)), Because(Answers.It(language, isSo ? a : b)));

        // Where both stand first, along the direction that is asked of, the conclusion then: two looks and a comparison are too
        // much for one word.
        string Because(string conclusion) => Answers.Because(language, a, PlaceAlong(first.Cell), b, PlaceAlong(second.Cell), conclusion);
        string PlaceAlong(Cell cell) => speech.Place(
            relation is Relation.Left or Relation.Right ? cell with { Row = Cell.Center.Row } : cell with { Column = Cell.Center.Column }, null);
    }

    private static WorldSample? Compare(Dice dice, TextLanguage language, WorldSplit split, bool jitter)
    {
        Scene first = SceneSampler.Draw(dice, split, jitter);
        bool alike = dice.Chance(0.4);
        Scene second = alike && dice.Chance(0.5) ? first : SceneSampler.Draw(dice, split, jitter);
        return Conversation("compare", dice, language, [first, second], [alike ? AskSame(first, second, dice, language) : AskMore(first, second, dice, language)]);
    }

    private static (string, string)? AskBoth(Scene first, Scene second, Dice dice, TextLanguage language) =>
        dice.Chance(0.3) ? AskSame(first, second, dice, language) : AskMore(first, second, dice, language);

    private static (string, string) AskSame(Scene first, Scene second, Dice dice, TextLanguage language) =>
        (Same.Say(language, dice), Answers.YesNo(language, first.SameLayout(second)));

    private static (string, string)? AskMore(Scene first, Scene second, Dice dice, TextLanguage language)
    {
        SceneObject o = dice.Pick(dice.Chance(0.5) ? first.Objects.AsSpan() : second.Objects.AsSpan());
        ObjectFilter what = dice.Below(3) switch { 0 => new(), 1 => new(o.Shape), _ => new(null, o.Colour) };
        int difference = what.CountIn(first).CompareTo(what.CountIn(second));
        return difference == 0
            ? null
            : (More.Say(language, dice, Speech.Of(language).Kind(what, dice)), Answers.Ordinal(language, first: difference > 0));
    }
}
