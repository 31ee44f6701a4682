using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.GenEval;
using NexusGen.Worlds.Things.Tasks;
using NexusGen.Worlds.Things.Texts.Suites;

namespace NexusGen.Cli.Evaluation;

/// <summary>The suites of the world of things, and where their cases come from.</summary>
internal static class ThingSuites
{
    /// <summary>Images that are decoded from their own embeddings.</summary>
    public const string Reconstruct = "reconstruct";

    /// <summary>Conversations of six turns of the user, with the model's own images and replies.</summary>
    public const string Conversation = "conversation";

    /// <summary>Texts of people, which no training text is made from.</summary>
    public const string Wording = "wording";

    /// <summary>The prompts of GenEval.</summary>
    public const string GenEval = "geneval";

    /// <summary>What can't be drawn or done, and what can though it looks as if it couldn't.</summary>
    public const string Limits = "limits";

    /// <summary>Requests that must not be refused.</summary>
    public const string Allowed = "allowed";

    private const string Composition = "composition", Limit = "limit", Typos = "-typos";

    /// <summary>The names.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "understand", Reconstruct, "generate", "edit", Composition, "talk", Limits, Conversation, Wording, GenEval,
    ];

    /// <summary>Returns the categories of a suite.</summary>
    /// <param name="suite">The suite.</param>
    public static ImmutableArray<string> CategoriesOf(string suite) => suite switch
    {
        "understand" => ThingMix.CategoriesOf(ThingTask.Understand),
        "generate" => ThingMix.CategoriesOf(ThingTask.Generate),
        "edit" => ThingMix.ChangesOfEditing,
        Composition =>
        [
            .. ThingMix.CategoriesOf(ThingTask.Generate).Union(ThingMix.ChangesOfEditing).Where(ThingMix.HasCompositions),
        ],
        "talk" => ["talk"],
        Limits => [Limit, .. ThingMix.RefusalsOfEditing, Allowed],
        Conversation => ThingMix.CategoriesOf(ThingTask.Converse),
        Wording => ["draw", "edit", "ask", "draw" + Typos, "edit" + Typos, "ask" + Typos, Limit, Allowed, "talk"],
        GenEval => GenEvalPrompts.Tags,
        _ => [Reconstruct],
    };

    /// <summary>Returns the sample of a case, or null if the suite has fixed cases or no texts.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="number">The number of the case.</param>
    /// <param name="settings">The settings.</param>
    public static ThingSample? SampleOf(string suite, string category, int number, EvaluationSettings settings)
    {
        if (suite is Reconstruct or Wording or GenEval || category == Allowed)
        {
            return null;
        }

        ThingTask task = suite switch
        {
            "understand" => ThingTask.Understand,
            "generate" => ThingTask.Generate,
            "talk" => ThingTask.Talk,
            Conversation => ThingTask.Converse,
            Limits when category == Limit => ThingTask.Talk,
            Composition when ThingMix.CategoriesOf(ThingTask.Generate).Contains(category) => ThingTask.Generate,
            _ => ThingTask.Edit,
        };
        var mix = new ThingMix(settings.Seed, task, suite == Composition ? WorldSplit.Composition : WorldSplit.Test)
        {
            Categories = [category],
            Language = settings.LanguageOf(number),
            JitterShare = task == ThingTask.Generate ? 0 : settings.JitterShare,
        };
        return suite == Conversation ? Longest(mix, number) : mix[number];
    }

    /// <summary>Returns the cases of the wording suite and of what must not be refused.</summary>
    /// <param name="category">The category.</param>
    /// <param name="language">The language, or null for both.</param>
    public static IEnumerable<(TextLanguage Language, ParaphraseCase Case)> Paraphrases(string category, TextLanguage? language)
    {
        bool typos = category.EndsWith(Typos, StringComparison.Ordinal);
        string kind = typos ? category[..^Typos.Length] : category;
        return LanguagesOf(language).SelectMany(one =>
            ParaphraseSuite.Read(one, typos).Where(item => item.Kind == kind).Select(item => (one, item)));
    }

    /// <summary>Returns GenEval's prompts of a category.</summary>
    /// <param name="category">The category.</param>
    /// <param name="language">The language, or null for both.</param>
    public static IEnumerable<(TextLanguage Language, string Prompt, GenEvalRecord Record)> Prompts(
        string category, TextLanguage? language) =>
        LanguagesOf(language).SelectMany(one => GenEvalPrompts.Records.Where(record => record.Tag == category)
            .Select(record => (
                one, one == TextLanguage.English ? record.Prompt : GenEvalChinese.Translate(record), record)));

    /// <summary>Returns whether the cases of a category are a fixed list.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    public static bool IsFixed(string suite, string category) => suite is Wording or GenEval || category == Allowed;

    private static TextLanguage[] LanguagesOf(TextLanguage? language) =>
        language is { } one ? [one] : Enum.GetValues<TextLanguage>();

    // Conversations are of any length; one in thirty is as long as they get.
    private static ThingSample Longest(ThingMix mix, int number)
    {
        const long far = 10_000;
        for (long place = number * far; ; place++)
        {
            if (mix[place] is { Turns.Length: 2 * ThingMix.MostExchanges } sample)
            {
                return sample;
            }
        }
    }
}
