using System.Collections.Immutable;
using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Training.Data;

/// <summary>A sample of training data with its pictures at hand: a conversation, or pictures alone.</summary>
/// <param name="Messages">The turns; <c>&lt;image&gt;</c> marks where a picture stands. Empty where only pictures are given.</param>
/// <param name="Pictures">The pictures as they were read, in the order of their marks.</param>
public sealed record TrainingSample(IReadOnlyList<TrainingMessage> Messages, IReadOnlyList<RgbImage> Pictures)
{
    /// <summary>What is known of each picture, in the order of the pictures; empty where nothing is.</summary>
    public ImmutableArray<ImmutableArray<LabelMap>> Labels { get; init; } = [];

    /// <summary>Reads a record's pictures.</summary>
    /// <param name="record">The record.</param>
    /// <exception cref="NexusGenException">A picture can't be read.</exception>
    public static TrainingSample Load(TrainingRecord record) => new(record.Messages, [.. record.Images.Select(file => ImageFile.Read(file))]);
}
