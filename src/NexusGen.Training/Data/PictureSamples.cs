using NexusGen.Imaging;
using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>Training data as single pictures of one size: of a sample with several, one by chance; scaled to cover the size and cropped.</summary>
/// <param name="data">The samples.</param>
/// <param name="seed">Decides which picture of a sample is taken.</param>
/// <param name="width">Columns.</param>
/// <param name="height">Rows.</param>
internal sealed class PictureSamples(ISampleData<TrainingSample> data, ulong seed, int width, int height) : ISampleData<LabelledPicture>
{
    private const ulong Purpose = 0x7069637475;

    /// <inheritdoc/>
    public LabelledPicture this[long place]
    {
        get
        {
            TrainingSample sample = data[place];
            if (sample.Pictures.Count == 0)
            {
                throw new TrainingException($"Sample {place} of the data has no picture, but this stage is trained on pictures.");
            }

            int one = (int)CounterRandom.Below(sample.Pictures.Count, seed, Purpose, (ulong)place);
            RgbImage picture = sample.Pictures[one];
            bool fits = picture.Width == width && picture.Height == height;
            return fits || sample.Labels.IsEmpty
                ? new LabelledPicture(ImageFitting.CoverCrop(picture, width, height), sample.Labels.IsEmpty ? [] : sample.Labels[one])
                : throw new TrainingException($"The data's pictures have labels and are {picture.Width}x{picture.Height}: set width and height to that, labels are not cropped.");
        }
    }
}
