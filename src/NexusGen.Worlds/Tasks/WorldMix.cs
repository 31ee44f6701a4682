using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Tasks;

/// <summary>
/// An endless row of samples of one task or category, both languages in turn by chance. The sample at a place is a pure function
/// of the seed and the place. Safe for use by several threads.
/// </summary>
/// <param name="seed">Decides all samples.</param>
/// <param name="task">The task.</param>
/// <param name="split">The split of its scenes.</param>
public sealed class WorldMix(ulong seed, WorldTask task, WorldSplit split)
{
    /// <summary>The categories that are drawn; all of the task where empty.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>The one language; both where null.</summary>
    public TextLanguage? Language { get; init; }

    /// <summary>Share of samples whose objects stand off the middle of their cells.</summary>
    public double JitterShare { get; init; } = task == WorldTask.Generate ? 0 : 0.5;

    /// <summary>The most objects of a source or of a drawn scene; fewer are easier to learn first.</summary>
    public int MaxObjects { get; init; } = Scene.MaxObjects;

    /// <summary>The sample at a place.</summary>
    /// <param name="place">From 0, without end.</param>
    /// <returns>The sample.</returns>
    public WorldSample this[long place]
    {
        get
        {
            var dice = new Dice(seed, (ulong)place);
            while (true)
            {
                WorldSample sample = Make(dice);
                if (sample.Pictures.All(scene => scene.Objects.Length <= MaxObjects))
                {
                    return sample;
                }
            }
        }
    }

    /// <summary>The categories of a task.</summary>
    /// <param name="task">The task.</param>
    /// <returns>Their names.</returns>
    public static ImmutableArray<string> CategoriesOf(WorldTask task) => task switch
    {
        WorldTask.Understand => Understanding.Categories,
        WorldTask.Generate => Generation.Categories,
        WorldTask.Edit => Editing.Categories,
        _ => ["talk"],
    };

    /// <summary>What is practised for a task besides its categories, and is no part of its score.</summary>
    /// <param name="task">The task.</param>
    /// <returns>Their names.</returns>
    public static ImmutableArray<string> ExercisesOf(WorldTask task) => task switch
    {
        WorldTask.Understand => Understanding.Exercises,
        WorldTask.Edit => Editing.Exercises,
        _ => [],
    };

    private WorldSample Make(Dice dice)
    {
        TextLanguage language = Language ?? dice.Any<TextLanguage>();
        ImmutableArray<string> choice = Categories.IsDefaultOrEmpty ? CategoriesOf(task) : Categories;
        string category = dice.Pick(choice.AsSpan());
        bool jitter = dice.Chance(JitterShare);
        return task switch
        {
            WorldTask.Understand => Understanding.Make(dice, language, category, split, jitter),
            WorldTask.Generate => Generation.Make(dice, language, category, split, jitter),
            WorldTask.Edit => Editing.Make(dice, language, category, split, jitter),
            _ => Talking.Make(dice, language),
        };
    }
}
