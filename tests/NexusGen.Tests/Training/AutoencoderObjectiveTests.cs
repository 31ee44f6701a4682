using NexusGen.Diffusion.Autoencoder;
using NexusGen.Imaging;
using NexusGen.Training.Data;
using NexusGen.Training.Gradients;
using NexusGen.Training.Pretraining;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>What an autoencoder is trained on.</summary>
public sealed class AutoencoderObjectiveTests
{
    private const int Side = 32;

    private const int Crop = 16;

    private static readonly AutoencoderConfiguration Sizes = new() { Ch = 4, ChMult = [1, 2], ZChannels = 2, NormGroups = 2 };

    [Fact]
    public void WithoutCropABatchIsTheWholeImages()
    {
        using AutoencoderObjective objective = Create(crop: 0);
        using Tensor batch = objective.Prepare(new MicroBatch(7, 0, 0, FirstSample: 3, Count: 2), CancellationToken.None);
        Assert.Equal([2, 3, Side, Side], batch.shape);
        Assert.Equal(Positions(3, 0, 0, Side), Pixels(batch, 0));
    }

    [Fact]
    public void CropTakesASquareOfEachImageAtAPlaceOfItsOwn()
    {
        using AutoencoderObjective objective = Create(Crop);
        using Tensor batch = objective.Prepare(new MicroBatch(7, 0, 0, FirstSample: 5, Count: 8), CancellationToken.None);
        Assert.Equal([8, 3, Crop, Crop], batch.shape);
        HashSet<(int, int)> places = [];
        for (int i = 0; i < 8; i++)
        {
            // The red and green of a pixel are its position.
            byte[] pixels = Pixels(batch, i);
            (int left, int top) = (pixels[0], pixels[1]);
            Assert.InRange(left, 0, Side - Crop);
            Assert.InRange(top, 0, Side - Crop);
            Assert.Equal(Positions(5 + i, left, top, Crop), pixels);
            places.Add((left, top));
        }

        Assert.InRange(places.Count, 6, 8);
    }

    [Fact]
    public void ASampleIsCroppedAtTheSamePlaceInWhateverBatch()
    {
        using AutoencoderObjective objective = Create(Crop), again = Create(Crop);
        using Tensor batch = objective.Prepare(new MicroBatch(7, 0, 0, FirstSample: 5, Count: 4), CancellationToken.None);
        using Tensor other = again.Prepare(new MicroBatch(9, 3, 1, FirstSample: 7, Count: 2), CancellationToken.None);
        Assert.Equal(Pixels(batch, 2), Pixels(other, 0));
        Assert.Equal(Pixels(batch, 3), Pixels(other, 1));
    }

    private static AutoencoderObjective Create(int crop)
    {
        var weights = new WeightSource(new RandomWeights(1), LoadOptions.Reference);
        return new AutoencoderObjective(
            new AutoencoderEncoder(weights["encoder"], Sizes),
            new AutoencoderDecoder(weights["decoder"], Sizes),
            new AutoencoderTrainingConfiguration { Width = Side, Height = Side, Crop = crop, GuideWeight = 0, Seed = 11 },
            new PositionImages(),
            null);
    }

    private static byte[] Pixels(Tensor batch, int index)
    {
        using var scope = NewDisposeScope();
        Tensor levels = ((batch[index] + 1) * 127.5).round().to(ScalarType.Byte).permute(1, 2, 0).contiguous();
        return levels.data<byte>().ToArray();
    }

    // The bytes of a square of a sample's image: column, row and number of the sample.
    private static byte[] Positions(long sample, int left, int top, int side) =>
    [
        .. from y in Enumerable.Range(top, side)
           from x in Enumerable.Range(left, side)
           from value in (byte[])[(byte)x, (byte)y, (byte)sample]
           select value,
    ];

    private sealed class PositionImages : ISampleData<TrainingSample>
    {
        public TrainingSample this[long place] =>
            new([], [RgbImage.FromBytes(Positions(place, 0, 0, Side), Side, Side)]);
    }
}
