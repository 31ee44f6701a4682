using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>
/// An endless row of samples of one task of the world of things, both languages in turn by chance. The sample at a place is a
/// pure function of the seed and the place. Safe for use by several threads.
/// </summary>
/// <param name="seed">The seed of all samples.</param>
/// <param name="task">The task.</param>
/// <param name="split">The split of the scenes. <see cref="WorldSplit.Composition"/> is for drawing and editing.</param>
public sealed class ThingMix(ulong seed, ThingTask task, WorldSplit split)
{
    /// <summary>The most turns of the user in a conversation.</summary>
    public const int MostExchanges = 6;

    // A new composition needs a new thing or colour in the result.
    private static readonly ImmutableArray<string> Composed =
    [
        "two", "counting", "colours", "position", "attribution", "full", "add", "beside", "replace", "recolour", "turn",
    ];

    /// <summary>The categories that are drawn, or none for all of the task.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>The one language, or null for both.</summary>
    public TextLanguage? Language { get; init; }

    /// <summary>The share of samples whose things stand off the middle of their cells.</summary>
    public double JitterShare { get; init; } = task == ThingTask.Generate ? 0 : 0.5;

    /// <summary>The most things in an image, at least 2; fewer are easier to learn first.</summary>
    public int MaxThings { get; init; } = ThingScene.MaxObjects;

    /// <summary>How carelessly the user types: as people do in training, without slips in the other splits.</summary>
    public NoiseOptions Noise { get; init; } = split == WorldSplit.Train ? NoiseOptions.Default : NoiseOptions.Careful;

    /// <summary>The sample at a place.</summary>
    /// <param name="place">From 0, without end.</param>
    /// <returns>The sample.</returns>
    public ThingSample this[long place]
    {
        get
        {
            var dice = new Dice(seed, (ulong)place);
            TextLanguage language = Language ?? dice.Any<TextLanguage>();
            string category = dice.Pick(Choice.AsSpan());
            var scope = new ThingScope(split, dice.Chance(JitterShare), MaxThings, Noise);
            return task switch
            {
                ThingTask.Understand => Understanding.Make(dice, language, category, scope),
                ThingTask.Generate => Drawings.Make(dice, language, category, scope),
                ThingTask.Edit => Editing.Make(dice, language, category, scope),
                ThingTask.Talk => Talking.Make(dice, language, category, scope),
                _ => Conversing.Make(dice, language, category, scope),
            };
        }
    }

    private ImmutableArray<string> Choice => !Categories.IsDefaultOrEmpty ? Categories
        : task == ThingTask.Converse ? Conversing.Usual
        : [.. CategoriesOf(task).Where(name =>
            Needs(task, name) <= MaxThings && (split != WorldSplit.Composition || HasCompositions(name)))];

    /// <summary>Returns the categories of a task.</summary>
    /// <param name="task">The task.</param>
    /// <returns>Their names.</returns>
    public static ImmutableArray<string> CategoriesOf(ThingTask task) => task switch
    {
        ThingTask.Understand => Understanding.Categories,
        ThingTask.Generate => Drawings.Categories,
        ThingTask.Edit => Editing.Categories,
        ThingTask.Talk => Talking.Categories,
        _ => Conversing.Categories,
    };

    /// <summary>Gets the categories of editing that end in a changed image, and not in words.</summary>
    public static ImmutableArray<string> ChangesOfEditing { get; } = [.. Editing.Simple, "turn", "return"];

    /// <summary>Gets the categories of editing that end in words, since the change can't be made.</summary>
    public static ImmutableArray<string> RefusalsOfEditing => Refusals.Kinds;

    /// <summary>Returns what is practised for a task besides its categories, and is no part of its score.</summary>
    /// <param name="task">The task.</param>
    /// <returns>Their names.</returns>
    public static ImmutableArray<string> ExercisesOf(ThingTask task) => task switch
    {
        ThingTask.Understand => Understanding.Exercises,
        ThingTask.Edit => Editing.Exercises,
        _ => [],
    };

    /// <summary>Returns whether there are samples of a category of drawing or editing in the split
    /// <see cref="WorldSplit.Composition"/>.</summary>
    /// <param name="category">The category.</param>
    /// <returns>Whether there are any.</returns>
    public static bool HasCompositions(string category) => Composed.Contains(category);

    /// <summary>Returns the number of things that an image of a category must have.</summary>
    /// <param name="task">The task.</param>
    /// <param name="category">The category.</param>
    /// <returns>The number: an image is crowded with five.</returns>
    public static int Needs(ThingTask task, string category) =>
        task == ThingTask.Edit && category == "crowded" ? ThingScene.MaxObjects : 1;
}
