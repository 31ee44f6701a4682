using System.Collections.Immutable;
using NexusGen.Imaging;

namespace NexusGen.Training.Data;

/// <summary>A picture to train on.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Labels">What is known of it; empty where nothing is.</param>
internal sealed record LabelledPicture(RgbImage Picture, ImmutableArray<LabelMap> Labels);
