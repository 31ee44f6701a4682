using System.Collections.Immutable;
using NexusGen.Imaging;

namespace NexusGen.Training.Data;

/// <summary>An image with its labels, as a training sample.</summary>
/// <param name="Image">The image.</param>
/// <param name="Labels">The label maps of the image; empty if there are none.</param>
internal sealed record LabelledImage(RgbImage Image, ImmutableArray<LabelMap> Labels);
