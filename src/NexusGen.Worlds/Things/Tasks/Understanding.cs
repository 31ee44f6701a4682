using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>Questions about images, with their right answers. A pure function of the dice.</summary>
internal static class Understanding
{
    private const int DrillLength = 6;
    private const int Tries = 12;

    /// <summary>The kinds of questions; <c>several</c> asks some of them in turn about one image, and <c>same</c> compares
    /// two.</summary>
    public static ImmutableArray<string> Categories { get; } = [.. Questions.Kinds, "same", "several"];

    /// <summary>
    /// What is practised besides: <c>drill</c> asks questions of one kind about one image again and again, so that a short answer
    /// such as a yes teaches as much as a long one. <c>counts</c> and <c>relations</c> are drills of one kind.
    /// </summary>
    public static ImmutableArray<string> Exercises { get; } = ["drill", "counts", "relations"];

    private static readonly ImmutableArray<string> Short = [.. Questions.Kinds.Except(["describe", "total", "ground"])];

    /// <summary>Creates a sample.</summary>
    public static ThingSample Make(Dice dice, TextLanguage language, string category, ThingScope scope)
    {
        while (true)
        {
            var dialogue = new Dialogue(dice, language, scope) { BeginsAsQuestion = true };
            ThingScene scene = scope.DrawAny(dice);
            switch (category)
            {
                case "same":
                    Compare(dialogue, scene, scope.DrawAny(dice), scope.MayShow);
                    break;
                case "several":
                    int count = dice.Between(3, 5);
                    Series(dialogue, scene, Enumerable.Range(0, count)
                        .Select(i => i == 0 && dice.Chance(0.5) ? "describe" : dice.Pick(Short.AsSpan())));
                    break;
                case "drill":
                    Series(dialogue, scene, Enumerable.Repeat(dice.Pick(Short.AsSpan()), DrillLength));
                    break;
                case "counts":
                    Series(dialogue, scene, Enumerable.Repeat("count", DrillLength));
                    break;
                case "relations":
                    Series(dialogue, scene, Enumerable.Range(0, DrillLength)
                        .Select(_ => dice.Pick("relation", "relation", "beside")));
                    break;
                default:
                    Series(dialogue, scene, [category]);
                    break;
            }

            if (dialogue.Length > 0)
            {
                return dialogue.ToSample(ThingTask.Understand, category);
            }
        }
    }

    /// <summary>Appends a question of any kind and its answer.</summary>
    /// <param name="dialogue">The conversation.</param>
    /// <param name="attached">The image that the user attaches, or null for the conversation's last one.</param>
    public static void Question(Dialogue dialogue, ThingScene? attached)
    {
        while (!Ask(dialogue, attached ?? dialogue.Current!, attached, dialogue.Dice.Pick(Questions.Kinds.AsSpan())))
        {
        }
    }

    /// <summary>Appends the question whether two images are the same; they are the conversation's first. Half of those that
    /// differ differ by one change.</summary>
    /// <param name="dialogue">The conversation.</param>
    /// <param name="one">The first image.</param>
    /// <param name="other">The second, unless it is the first again or changed.</param>
    /// <param name="mayShow">Whether a changed image may be shown.</param>
    public static void Compare(Dialogue dialogue, ThingScene one, ThingScene other, Func<ThingScene, bool> mayShow)
    {
        Dice dice = dialogue.Dice;
        ThingScene? changed = new Changes(one, dice).Make(dice.Pick(Changes.Kinds.AsSpan()))?.Result;
        other = dice.Chance(0.5) ? one
            : changed is not null && dice.Chance(0.5) && mayShow(changed) ? changed : other;
        (string question, string answer) = Questions.AskSame(one, other, dice, dialogue.Language);
        dialogue.Ask(question, one, other);
        dialogue.Say(answer);
    }

    // Kinds that the scene allows no question of are left out.
    private static void Series(Dialogue dialogue, ThingScene scene, IEnumerable<string> kinds)
    {
        foreach (string kind in kinds)
        {
            bool asked = false;
            for (int i = 0; i < Tries && !asked; i++)
            {
                asked = Ask(dialogue, scene, dialogue.Length == 0 ? scene : null, kind);
            }
        }
    }

    private static bool Ask(Dialogue dialogue, ThingScene scene, ThingScene? attached, string kind)
    {
        if (Questions.Ask(scene, dialogue.Dice, dialogue.Language, kind) is not var (question, answer, focus))
        {
            return false;
        }

        dialogue.Ask(question, attached is null ? [] : [attached]);
        dialogue.Say(answer);
        dialogue.Focus = focus;
        return true;
    }
}
