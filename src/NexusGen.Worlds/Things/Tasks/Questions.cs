using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>Questions about a scene and their right answers, in the form that the question asks for.</summary>
internal static class Questions
{
    /// <summary>The kinds, by their intents without "ask.".</summary>
    public static ImmutableArray<string> Kinds { get; } =
        [.. Intents.Questions.Select(name => name["ask.".Length..]).Except(["same"])];

    /// <summary>Draws a question and its answer.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="dice">The source of chance.</param>
    /// <param name="language">The language.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <returns>Both and the cell of the thing that is spoken of, or null if the scene allows no such question.</returns>
    public static (string Question, string Answer, Cell? Focus)? Ask(
        ThingScene scene, Dice dice, TextLanguage language, string kind)
    {
        if (Find(scene, new Asker(scene, dice, language), kind) is not var (slots, answer, focus))
        {
            return null;
        }

        Said said = Wording.Say("ask." + kind, slots, language, dice);
        return (said.Text, answer(said.Form), focus);
    }

    /// <summary>Draws what a question of a kind is about, and how it may be answered in a form.</summary>
    /// <returns>What it is about, its answers and the cell of the thing that is spoken of, or null if the scene allows no such
    /// question.</returns>
    internal static (Slots Slots, Func<string, string> Answer, Cell? Focus)? Find(
        ThingScene scene, Asker asker, string kind) =>
        kind switch
        {
            "describe" => (Slots.None, form => asker.Say("answer.describe", asker.Everything, form), null),
            "total" => (Slots.None, form => asker.Say(
                "answer.total", new Slots { Number = scene.Objects.Length }, form), null),
            "ground" => (Slots.None, form => asker.Say("answer.ground", asker.Background, form), null),
            "groundis" => asker.GroundIs(),
            "count" => asker.Count(),
            "colour" => asker.Colour(),
            "colouris" => asker.ColourIs(),
            "where" => asker.Where(),
            "exists" => asker.Exists(),
            "relation" => asker.Stands(),
            "what" => asker.What(),
            "beside" => asker.Beside(),
            "size" => asker.Size(),
            _ => asker.Which(),
        };

    /// <summary>Draws the question whether two images are the same, and its answer.</summary>
    public static (string Question, string Answer) AskSame(
        ThingScene one, ThingScene other, Dice dice, TextLanguage language) => (
        Wording.Realize("ask.same", Slots.None, language, dice),
        Wording.Realize(one.SameLayout(other) ? "answer.same.yes" : "answer.same.no", Slots.None, language, dice));
}
