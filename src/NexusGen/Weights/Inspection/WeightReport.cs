using System.Collections.Immutable;

namespace NexusGen.Weights.Inspection;

/// <summary>The content of weight files.</summary>
/// <param name="Location">The file or folder.</param>
/// <param name="Tensors">All tensors, in the order of the files.</param>
/// <param name="Files">The totals of each file.</param>
/// <param name="Types">The totals of each element type, under its safetensors name.</param>
/// <param name="Total">The totals of all tensors.</param>
/// <param name="Metadata">The metadata of the files.</param>
internal sealed record WeightReport(
    string Location,
    ImmutableArray<TensorEntry> Tensors,
    ImmutableArray<WeightTotal> Files,
    ImmutableArray<WeightTotal> Types,
    WeightTotal Total,
    ImmutableDictionary<string, string> Metadata);
