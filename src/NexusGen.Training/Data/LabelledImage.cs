using System.Collections.Immutable;
using NexusGen.Imaging;

namespace NexusGen.Training.Data;

/// <summary>A picture to train on.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Labels">What is known of it; empty where nothing is.</param>
internal sealed record LabelledImage(RgbImage Image, ImmutableArray<LabelMap> Labels);
