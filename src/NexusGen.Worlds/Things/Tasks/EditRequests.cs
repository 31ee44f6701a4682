using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>Says changes: one, or two in one request.</summary>
internal static partial class EditRequests
{
    private const int Tries = 20;

    /// <summary>Returns a change of a kind and its text, or null if the scene allows none.</summary>
    /// <param name="dialogue">The conversation; it has an image.</param>
    /// <param name="category">A kind of <see cref="Editing"/>.</param>
    /// <param name="scope">What the result may be.</param>
    public static (string Text, Change Change)? Make(Dialogue dialogue, string category, ThingScope scope)
    {
        Dice dice = dialogue.Dice;
        for (int i = 0; i < Tries; i++)
        {
            string kind = category switch
            {
                "resize" => dice.Pick("bigger", "smaller", "medium"),
                "background" => "ground",
                _ => category,
            };
            if (kind == "two" && Two(dialogue) is var (both, result) && scope.MayDraw(result.Result))
            {
                return (both, result);
            }

            if (kind != "two" && new Changes(dialogue.Current!, dice, dialogue.Focus).Make(kind) is { } change
                && scope.MayDraw(change.Result) && Say(change, dialogue.Language, dice) is { } text)
            {
                return (text, change);
            }
        }

        return null;
    }

    // Null where the Chinese words would leave open whether one or all are meant.
    private static string? Say(Change change, TextLanguage language, Dice dice)
    {
        bool several = change.Meant is [{ Count: > 1 }, ..];
        string text = Wording.Realize("edit." + change.Intent, change.Slots, language, dice);
        return several && language == TextLanguage.Chinese && !Plural().IsMatch(text) ? null : text;
    }

    // The second change is said of the scene after the first; it mustn't undo it or mean another thing before it.
    private static (string Text, Change Change)? Two(Dialogue dialogue)
    {
        Dice dice = dialogue.Dice;
        TextLanguage language = dialogue.Language;
        if (Plain(new Changes(dialogue.Current!, dice, dialogue.Focus), dialogue) is not var (one, first)
            || Plain(new Changes(first.Result, dice), dialogue) is not var (other, second)
            || (first.Touched.Length == 0 && second.Touched.Length == 0)
            || first.Touched.Intersect(second.Touched).Any()
            || second.Meant.Any(meant => meant.Pronoun || !Mentions.IsClear(meant, dialogue.Current!)))
        {
            return null;
        }

        string text = Wording.Realize("edit.two", new Slots { Texts = [one, other] }, language, dice);
        return (text, second with { Focus = null, Touched = [.. first.Touched, .. second.Touched] });
    }

    private static (string Text, Change Change)? Plain(Changes changes, Dialogue dialogue)
    {
        string intent = dialogue.Dice.Pick(Intents.PlainEdits.AsSpan());
        if (changes.Make(intent["edit.plain.".Length..]) is not { } change)
        {
            return null;
        }

        string text = Wording.Raw(intent, change.Slots, dialogue.Language, dialogue.Dice).Text;
        bool open = change.Meant is [{ Count: > 1 }, ..] && dialogue.Language == TextLanguage.Chinese && !Plural().IsMatch(text);
        return open ? null : (text, change);
    }

    // A number needs a measure word: 三 alone may begin 三角形.
    [GeneratedRegex("都|所有|[两二三四五2-5][个只颗头根支张条把辆艘本棵朵块部台座杯架匹份盆副双盏列位]")]
    private static partial Regex Plural();
}
