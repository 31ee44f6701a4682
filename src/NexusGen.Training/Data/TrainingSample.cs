using System.Collections.Immutable;
using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Training.Data;

/// <summary>A training sample with its images in memory: a conversation, or images alone.</summary>
/// <param name="Messages">
/// The turns, with <c>&lt;image&gt;</c> at the position of each image. Empty if there are only images.
/// </param>
/// <param name="Images">The images at their original size, in the order of their marks.</param>
public sealed record TrainingSample(IReadOnlyList<TrainingMessage> Messages, IReadOnlyList<RgbImage> Images)
{
    /// <summary>The label maps of each image, in the order of the images; empty if there are none.</summary>
    public ImmutableArray<ImmutableArray<LabelMap>> Labels { get; init; } = [];

    /// <summary>What of the last image the training of a decoder learns, at the size of that image; or null for all.</summary>
    internal RgbImage? Mask { get; init; }

    /// <summary>Reads the images of a record.</summary>
    /// <param name="record">The record.</param>
    /// <exception cref="NexusGenException">An image can't be read.</exception>
    public static TrainingSample Load(TrainingRecord record)
    {
        RgbImage[] images = [.. record.Images.Select(RecordImages.Decode)];
        RgbImage? mask = record.Mask is null ? null : RecordImages.Decode(record.Mask);
        if (mask is not null && (images.Length == 0 || images[^1].Width != mask.Width || images[^1].Height != mask.Height))
        {
            throw new NexusGenException(
                $"has a mask of {mask.Width}x{mask.Height}, "
                + (images.Length == 0 ? "but no image" : $"but the image is {images[^1].Width}x{images[^1].Height}"));
        }

        return new TrainingSample(record.Messages, images) { Mask = mask };
    }
}
