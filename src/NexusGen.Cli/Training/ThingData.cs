using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Training.Data;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Cli.Training;

/// <summary>
/// The world of things as training data, generated on the fly: <c>things:pictures</c>, optionally followed by
/// <c>@validation</c> or <c>@test</c>, is images alone, with labels for the vision encoder.
/// </summary>
internal sealed class ThingData : ISampleData<TrainingSample>
{
    private const string Scheme = "things:";
    private const double JitterShare = 0.5;

    // The side of the area of one embedding, which gets one label of each kind.
    private const int LabelledSide = 56;

    private readonly ulong _seed;
    private readonly WorldSplit _split;

    private ThingData(ulong seed, WorldSplit split)
    {
        _seed = seed;
        _split = split;
    }

    /// <inheritdoc/>
    public TrainingSample this[long place]
    {
        get
        {
            const int parts = ThingGeometry.Side / LabelledSide;
            var dice = new Dice(_seed, (ulong)place);
            ThingScene scene = ThingSampler.Draw(dice, _split, jitter: dice.Chance(JitterShare));
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
    }

    /// <summary>Opens the data of a source, or returns null if the source is not of this world.</summary>
    /// <param name="source">The path of the source.</param>
    /// <param name="seed">The seed of all samples.</param>
    /// <exception cref="NexusGenException">There is no such part or split.</exception>
    public static ThingData? Open(string source, ulong seed)
    {
        if (!source.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return null;
        }

        return source[Scheme.Length..] switch
        {
            "pictures" => new ThingData(seed, WorldSplit.Train),
            "pictures@validation" => new ThingData(seed, WorldSplit.Validation),
            "pictures@test" => new ThingData(seed, WorldSplit.Test),
            _ => throw new NexusGenException(
                $"Unknown training data \"{source}\"; use things:pictures, optionally followed by @validation or @test."),
        };
    }

    private static RgbImage Render(ThingScene scene)
    {
        Picture picture = ThingRenderer.Render(scene);
        return RgbImage.FromBytes(picture.Rgb, picture.Width, picture.Height);
    }
}
