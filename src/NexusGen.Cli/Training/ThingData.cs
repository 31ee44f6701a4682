using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Training.Data;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;

namespace NexusGen.Cli.Training;

/// <summary>
/// The world of things as training data, generated on the fly. A source is <c>things:PART</c>, with a part of <c>pictures</c>
/// (images alone, with labels for the vision encoder), <c>understand</c>, <c>generate</c>, <c>edit</c>, <c>talk</c> or
/// <c>converse</c>. After a part with texts may follow categories (<c>single+two</c>), a maximum number of things (<c>2</c>) or
/// a language (<c>en</c>, <c>zh</c>), each after a slash, and at the end a split (<c>@test</c>). <c>edit/changes</c> is all
/// edits that end in an image.
/// </summary>
internal sealed class ThingData : ISampleData<TrainingSample>
{
    private const string Scheme = "things:";
    private const string Pictures = "pictures";
    private const string Changes = "changes";
    private const int FewestThings = 2;
    private const double JitterShare = 0.5;

    // The side of the area of one embedding, which gets one label of each kind.
    private const int LabelledSide = 64;

    private readonly Func<long, TrainingSample> _make;

    private ThingData(Func<long, TrainingSample> make) => _make = make;

    /// <inheritdoc/>
    public TrainingSample this[long place] => _make(place);

    /// <summary>Opens the data of a source, or returns null if the source is not of this world.</summary>
    /// <param name="source">The path of the source.</param>
    /// <param name="seed">The seed of all samples.</param>
    /// <exception cref="NexusGenException">There is no such part, category or split.</exception>
    public static ThingData? Open(string source, ulong seed)
    {
        if (!source.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return null;
        }

        string what = source[Scheme.Length..];
        if (what.Split('@')[0] == Pictures)
        {
            WorldSplit split = SplitOf(what, composed: false);
            return new ThingData(place => Picture(new Dice(seed, (ulong)place), split));
        }

        ThingMix mix = Mix(what, seed);
        return new ThingData(place => ToTraining(mix[place]));
    }

    /// <summary>Returns the samples of a source with texts, such as <c>edit/two/en@validation</c>.</summary>
    /// <param name="what">The source without the scheme.</param>
    /// <param name="seed">The seed of all samples.</param>
    /// <exception cref="NexusGenException">There is no such part, category or split.</exception>
    public static ThingMix Mix(string what, ulong seed)
    {
        string[] words = what.Split('@')[0].Split('/');
        if (!Enum.TryParse(words[0], ignoreCase: true, out ThingTask task) || !Enum.GetNames<ThingTask>().Any(name =>
            name.Equals(words[0], StringComparison.OrdinalIgnoreCase)))
        {
            throw new NexusGenException(
                $"There is no data things:{words[0]}; there are {Pictures}, "
                + $"{string.Join(", ", Enum.GetNames<ThingTask>()).ToLowerInvariant()}.");
        }

        WorldSplit split = SplitOf(what, task is ThingTask.Generate or ThingTask.Edit);
        TextLanguage? language = null;
        int most = ThingScene.MaxObjects;
        string[] categories = [];
        foreach (string word in words[1..])
        {
            if (int.TryParse(word, out int number))
            {
                most = number is >= FewestThings and <= ThingScene.MaxObjects ? number : throw new NexusGenException(
                    $"things:{what} asks for images of at most {word} things; use {FewestThings} to {ThingScene.MaxObjects}.");
            }
            else if (word is "en" or "zh")
            {
                language = word == "en" ? TextLanguage.English : TextLanguage.Chinese;
            }
            else
            {
                categories = CategoriesOf(task, word);
            }
        }

        if (categories.FirstOrDefault(name => ThingMix.Needs(task, name) > most) is { } full)
        {
            throw new NexusGenException(
                $"things:{what} can't be: images of the category {full} have {ThingMix.Needs(task, full)} things; "
                + $"leave out /{most}.");
        }

        if (split == WorldSplit.Composition && categories.FirstOrDefault(name => !ThingMix.HasCompositions(name)) is { } plain)
        {
            throw new NexusGenException(
                $"There are no new compositions in things:{what}: the category {plain} brings no new thing or colour.");
        }

        return new ThingMix(seed, task, split) { Categories = [.. categories], MaxThings = most, Language = language };
    }

    /// <summary>Converts a sample to the trainers' type and renders its images.</summary>
    public static TrainingSample ToTraining(ThingSample sample)
    {
        // A conversation shows one picture many times.
        Dictionary<ThingScene, RgbImage> pictures = [];
        foreach (ThingScene scene in sample.Pictures.Where(scene => !pictures.ContainsKey(scene)))
        {
            pictures[scene] = Render(scene);
        }

        return new TrainingSample(
            [.. sample.Turns.Select(turn => new TrainingMessage(turn.IsReply ? "assistant" : "user", turn.Text))],
            [.. sample.Pictures.Select(scene => pictures[scene])]);
    }

    private static string[] CategoriesOf(ThingTask task, string word)
    {
        string[] all = [.. ThingMix.CategoriesOf(task), .. ThingMix.ExercisesOf(task)];
        string[] names = [.. word.Split('+').SelectMany(name =>
            task == ThingTask.Edit && name == Changes ? ThingMix.ChangesOfEditing.AsEnumerable() : [name])];
        return names.FirstOrDefault(name => !all.Contains(name)) is { } unknown
            ? throw new NexusGenException(
                $"There is no category \"{unknown}\" of things:{task.ToString().ToLowerInvariant()}; there are "
                + $"{string.Join(", ", all)}{(task == ThingTask.Edit ? $", and {Changes} for all that end in an image" : "")}.")
            : names;
    }

    private static WorldSplit SplitOf(string what, bool composed)
    {
        string[] names = composed ? ["validation", "test", "composition"] : ["validation", "test"];
        return what.Split('@')[1..] switch
        {
            [] => WorldSplit.Train,
            [string name] when names.Contains(name) => Enum.Parse<WorldSplit>(name, ignoreCase: true),
            _ => throw new NexusGenException(
                $"There is no such split as in things:{what}; there are @{string.Join(", @", names)}, and no @ is for training."),
        };
    }

    // The parts of an image that have labels lie as the embeddings do.
    private static TrainingSample Picture(Dice dice, WorldSplit split)
    {
        const int parts = ThingGeometry.Side / LabelledSide;
        ThingScene scene = ThingSampler.Draw(dice, split, jitter: dice.Chance(JitterShare));
        return new TrainingSample([], [Render(scene)])
        {
            Labels =
            [
                [
                    .. ThingLabels.Kinds.Select(kind =>
                        new LabelMap(kind.Name, kind.Classes, parts, parts, ThingLabels.Of(scene, kind.Name, parts)))
                ]
            ],
        };
    }

    private static RgbImage Render(ThingScene scene)
    {
        Picture picture = ThingRenderer.Render(scene);
        return RgbImage.FromBytes(picture.Rgb, picture.Width, picture.Height);
    }
}
