using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Training.Data;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Training;

/// <summary>
/// ShapesWorld as training data, generated on the fly. A source is <c>shapesworld:PART</c>, with a part of <c>pictures</c>
/// (images alone), <c>understand</c>, <c>generate</c>, <c>edit</c> or <c>talk</c>. Categories (<c>single+two</c>), a maximum
/// number of objects (<c>2</c>) or a language (<c>en</c>, <c>zh</c>) may follow, each after a slash, and <c>@validation</c> or
/// <c>@test</c> at the end.
/// </summary>
internal sealed class WorldData : ISampleData<TrainingSample>
{
    private const string Scheme = "shapesworld:";
    private const string Help =
        "use shapesworld:pictures, :understand, :generate, :edit or :talk, optionally followed by /category+category, /objects "
        + "or /en, and by @validation or @test";

    private readonly Func<long, TrainingSample> _make;

    private WorldData(Func<long, TrainingSample> make) => _make = make;

    /// <inheritdoc/>
    public TrainingSample this[long place] => _make(place);

    /// <summary>Opens the data of a source, or returns null if the source is not of a world.</summary>
    /// <param name="source">The path of the source.</param>
    /// <param name="seed">The seed of all samples.</param>
    /// <exception cref="NexusGenException">There is no such part or split.</exception>
    public static ISampleData<TrainingSample>? Open(string source, ulong seed)
    {
        if (!source.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return ThingData.Open(source, seed);
        }

        string what = source[Scheme.Length..];
        if (what.Split('@') is ["pictures", .. string[] rest])
        {
            WorldSplit split = SplitOf(rest) ?? throw Unknown(source);
            return new WorldData(place => Picture(new Dice(seed, (ulong)place), split));
        }

        WorldMix mix = Mix(what, seed) ?? throw Unknown(source);
        return new WorldData(place => ToTraining(mix[place]));
    }

    /// <summary>
    /// Returns the samples of a source with texts, such as <c>edit/two/en@validation</c>, or null if there is no such source.
    /// </summary>
    /// <param name="what">The source without the scheme.</param>
    /// <param name="seed">The seed of all samples.</param>
    public static WorldMix? Mix(string what, ulong seed)
    {
        string[] sides = what.Split('@');
        string[] words = sides[0].Split('/');
        if (SplitOf(sides[1..]) is not { } split
            || !Enum.TryParse(words[0], ignoreCase: true, out WorldTask task)
            || !Enum.IsDefined(task))
        {
            return null;
        }

        WorldMix? mix = new(seed, task, split);
        foreach (string word in words[1..])
        {
            mix = mix is null ? null : Narrow(mix, task, word, split, seed);
        }

        return mix;
    }

    /// <summary>Converts a sample to the trainers' type and renders its images.</summary>
    public static TrainingSample ToTraining(WorldSample sample) => new(
        [.. sample.Turns.Select(turn => new TrainingMessage(turn.IsReply ? "assistant" : "user", turn.Text))],
        [.. sample.Pictures.Select(Render)]);

    /// <summary>Renders the image of a scene.</summary>
    public static RgbImage Render(Scene scene)
    {
        Picture picture = Renderer.Render(scene);
        return RgbImage.FromBytes(picture.Rgb, picture.Width, picture.Height);
    }

    // There is one label for each 28x28 pixels, which is the area of one embedding.
    private static TrainingSample Picture(Dice dice, WorldSplit split)
    {
        const int parts = WorldGeometry.BaseSide / 28;
        Scene scene = SceneSampler.Draw(dice, split, jitter: dice.Chance(0.5));
        return new TrainingSample([], [Render(scene)])
        {
            Labels =
            [
                [
                    .. SceneLabels.Kinds.Select(kind =>
                        new LabelMap(kind.Name, kind.Classes, parts, parts, SceneLabels.Of(scene, kind.Name, parts)))
                ]
            ],
        };
    }

    private static WorldSplit? SplitOf(string[] names) => names switch
    {
        [] => WorldSplit.Train,
        [string name] when Enum.TryParse(name, ignoreCase: true, out WorldSplit split)
            && Enum.IsDefined(split)
            && split != WorldSplit.Composition => split,
        _ => null,
    };

    private static WorldMix? Narrow(WorldMix mix, WorldTask task, string word, WorldSplit split, ulong seed)
    {
        WorldMix With(IEnumerable<string>? categories = null, int? objects = null, TextLanguage? language = null) =>
            new(seed, task, split)
            {
                Categories = categories is null ? mix.Categories : [.. categories],
                MaxObjects = objects ?? mix.MaxObjects,
                Language = language ?? mix.Language,
            };
        string[] categories = word.Split('+');
        return word switch
        {
            "en" => With(language: TextLanguage.English),
            "zh" => With(language: TextLanguage.Chinese),
            _ when int.TryParse(word, out int most) && most is >= 2 and <= Scene.MaxObjects => With(objects: most),
            _ when categories.All(category =>
                WorldMix.CategoriesOf(task).Contains(category) || WorldMix.ExercisesOf(task).Contains(category)) =>
                With(categories),
            _ => null,
        };
    }

    private static NexusGenException Unknown(string source) => new($"Unknown training data \"{source}\"; {Help}.");
}
