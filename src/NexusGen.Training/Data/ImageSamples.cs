using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// Training data as single images of one size, scaled to cover the size and cropped. From a sample with several images, a random
/// one is taken.
/// </summary>
/// <param name="data">The samples.</param>
/// <param name="seed">The seed for the choice of an image.</param>
/// <param name="width">The width in pixels.</param>
/// <param name="height">The height in pixels.</param>
internal sealed class ImageSamples(ISampleData<TrainingSample> data, ulong seed, int width, int height)
    : ISampleData<LabelledImage>
{
    private const ulong Purpose = 0x7069637475;

    /// <summary>Checks whether every image of a record can be a sample.</summary>
    /// <param name="sample">The record.</param>
    /// <param name="width">The width of the samples.</param>
    /// <param name="height">The height of the samples.</param>
    /// <exception cref="NexusGenException">The record has no image, or one that is too narrow.</exception>
    public static void Check(TrainingSample sample, int width, int height)
    {
        if (sample.Images.Count == 0)
        {
            throw new TrainingException("has no image, but this stage is trained on images");
        }

        foreach (RgbImage image in sample.Images)
        {
            _ = ImageFitting.CoverSize(image, width, height);
        }
    }

    /// <inheritdoc/>
    public LabelledImage this[long place]
    {
        get
        {
            TrainingSample sample = data[place];
            if (sample.Images.Count == 0)
            {
                throw new TrainingException($"Sample {place} of the data has no image, but this stage is trained on images.");
            }

            int one = (int)CounterRandom.Below(sample.Images.Count, seed, Purpose, (ulong)place);
            RgbImage picture = sample.Images[one];
            bool fits = picture.Width == width && picture.Height == height;
            return fits || sample.Labels.IsEmpty
                ? new LabelledImage(
                    ImageFitting.CoverCrop(picture, width, height), sample.Labels.IsEmpty ? [] : sample.Labels[one])
                : throw new TrainingException(
                    $"The images of the data have labels and are {picture.Width}x{picture.Height}; set width and height to that "
                    + "size, since labels are not cropped.");
        }
    }
}
