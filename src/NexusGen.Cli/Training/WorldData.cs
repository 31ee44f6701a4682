using NexusGen.Imaging;
using NexusGen.ShapesWorld;
using NexusGen.ShapesWorld.Rendering;
using NexusGen.Training;

namespace NexusGen.Cli.Training;

/// <summary>
/// ShapesWorld as training data, made on the fly: <c>shapesworld:PART</c> with <c>@validation</c> or <c>@test</c> behind it for
/// another split. The part <c>pictures</c> is pictures alone.
/// </summary>
internal sealed class WorldData : ISampleData<TrainingSample>
{
    private const string Scheme = "shapesworld:";

    private readonly ulong _seed;
    private readonly WorldSplit _split;

    private WorldData(ulong seed, WorldSplit split)
    {
        _seed = seed;
        _split = split;
    }

    /// <inheritdoc/>
    public TrainingSample this[long place]
    {
        get
        {
            var dice = new Dice(_seed, (ulong)place);
            return new TrainingSample([], [Render(SceneSampler.Draw(dice, _split, jitter: dice.Chance(0.5)))]);
        }
    }

    /// <summary>The data of a source; null where it is not of this world.</summary>
    /// <param name="source">The source's path.</param>
    /// <param name="seed">Decides all samples.</param>
    /// <exception cref="NexusGenException">There is no such part or split.</exception>
    public static ISampleData<TrainingSample>? Open(string source, ulong seed)
    {
        if (!source.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return null;
        }

        string[] words = source[Scheme.Length..].Split('@');
        string split = words.Length > 1 ? words[1] : "train";
        return words is ["pictures"] or ["pictures", _] && Enum.TryParse(split, ignoreCase: true, out WorldSplit part) && part != WorldSplit.Composition
            ? new WorldData(seed, part)
            : throw new NexusGenException($"There is no training data \"{source}\": shapesworld:pictures, with @validation or @test behind it for another split.");
    }

    private static RgbImage Render(Scene scene)
    {
        Picture picture = Renderer.Render(scene);
        return RgbImage.FromBytes(picture.Rgb, picture.Width, picture.Height);
    }
}
