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

    /// <summary>Reads the images of a record.</summary>
    /// <param name="record">The record.</param>
    /// <exception cref="NexusGenException">An image can't be read.</exception>
    public static TrainingSample Load(TrainingRecord record) =>
        new(record.Messages, [.. record.Images.Select(RecordImages.Decode)]);
}
