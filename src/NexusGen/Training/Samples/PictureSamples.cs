using NexusGen.Imaging;

namespace NexusGen.Training;

/// <summary>Training data as single pictures of one size: of a sample with several, one by chance; scaled to cover the size and cropped.</summary>
/// <param name="data">The samples.</param>
/// <param name="seed">Decides which picture of a sample is taken.</param>
/// <param name="width">Columns.</param>
/// <param name="height">Rows.</param>
internal sealed class PictureSamples(ISampleData<TrainingSample> data, ulong seed, int width, int height) : ISampleData<RgbImage>
{
    private const ulong Purpose = 0x7069637475;

    /// <inheritdoc/>
    public RgbImage this[long place]
    {
        get
        {
            IReadOnlyList<RgbImage> choice = data[place].Pictures;
            return choice.Count > 0
                ? ImageFitting.CoverCrop(choice[(int)CounterRandom.Below(choice.Count, seed, Purpose, (ulong)place)], width, height)
                : throw new TrainingException($"Sample {place} of the data has no picture, but this stage is trained on pictures.");
        }
    }
}
