using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>The judge reads what small decoders make of a scene: soft, ringing, in blocks, weak; and what it can't read it
/// refuses rather than misreads.</summary>
public sealed class JudgeSoftPicturesTests
{
    private const int Count = 200;

    private static readonly Lazy<Func<Picture, Picture>> SixteenChannels = new(() => DecoderLike.LinearAutoencoder(
        [.. Enumerable.Range(0, 60).Select(i => Renderer.Render(RandomScenes.Draw(new Dice(99, (ulong)i))))], 16));

    [Fact]
    public void TheMostWearThatIsPromisedIsBorneEverywhere() =>
        AssertRead(Count, (picture, dice) => new Degradation(2, -2, 1, 30, 8).Apply(picture, dice));

    [Fact]
    public void AnyWearThatIsPromisedIsBorne() =>
        AssertRead(5 * Count, (picture, dice) => RandomScenes.Wear(dice).Apply(picture, dice));

    [Fact]
    public void BlurBeyondThePromiseIsStillRead() => AssertRead(Count, (picture, dice) => new Degradation(0.5, 0.5, 1.5).Apply(picture, dice));

    [Fact]
    public void QuantisedBlocksAreRead() => AssertRead(Count, (picture, _) => DecoderLike.QuantiseBlocks(picture, 40));

    [Fact]
    public void RingingIsRead() => AssertRead(Count, (picture, _) => DecoderLike.Ring(picture, 1.1, 1));

    [Fact]
    public void WeakContrastIsRead() =>
        AssertRead(Count, (picture, dice) => DecoderLike.WeakenContrast(new Degradation(BlurSigma: 1).Apply(picture, dice), 0.2));

    [Fact]
    public void ALinearAutoencoderOfSixteenChannelsIsRead() => AssertRead(Count, (picture, _) => SixteenChannels.Value(picture), 0.975);

    [Fact]
    public void LargerPicturesAreReadLikeSmallOnes()
    {
        for (int i = 0; i < 20; i++)
        {
            Dice dice = new(3, (ulong)i);
            Scene scene = RandomScenes.Draw(dice);
            Picture picture = new Degradation(3, -3, 2, 20, 8).Apply(Renderer.Render(scene, 224), dice);
            Assert.True(Judge.Check(picture, scene).IsRight, Judge.Read(picture).ToString());
        }
    }

    [Fact]
    public void PlacesAreMeasuredToPartsOfAPixel()
    {
        for (int i = 0; i < 100; i++)
        {
            Scene scene = RandomScenes.Draw(new Dice(8, (ulong)i));
            foreach (ReadObject found in Judge.Read(Renderer.Render(scene)).Objects)
            {
                SceneObject drawn = scene.At(found.Cell)!.Value;
                double x = WorldGeometry.Center(drawn.Cell.Column) + (drawn.JitterX / (double)WorldGeometry.JitterUnits);
                double y = WorldGeometry.Center(drawn.Cell.Row) + (drawn.JitterY / (double)WorldGeometry.JitterUnits);
                Assert.InRange(found.CenterX - x, -0.5, 0.5);
                Assert.InRange(found.CenterY - y, -0.5, 0.5);
            }
        }
    }

    private static void AssertRead(int count, Func<Picture, Dice, Picture> decode, double leastShare = 1)
    {
        List<string> failures = [];
        for (int i = 0; i < count; i++)
        {
            Dice dice = new(21, (ulong)i);
            Scene scene = RandomScenes.Draw(dice);
            SceneReading reading = Judge.Read(decode(Renderer.Render(scene), dice));
            if (reading.ToScene() is not { } read)
            {
                failures.Add($"{scene} was read as {reading}");
            }
            else
            {
                Assert.True(read.SameLayout(scene), $"{scene} was misread as {reading}");
            }
        }

        Assert.True(failures.Count <= (1 - leastShare) * count, $"{failures.Count} of {count}:\n{string.Join("\n", failures)}");
    }
}
