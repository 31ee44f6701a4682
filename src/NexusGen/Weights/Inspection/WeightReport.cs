using System.Collections.Immutable;

namespace NexusGen.Weights.Inspection;

/// <summary>What weight files hold.</summary>
/// <param name="Location">The file or folder.</param>
/// <param name="Tensors">Every tensor, in the order of the files.</param>
/// <param name="Files">Totals of each file.</param>
/// <param name="Types">Totals of each element type, under its name in safetensors.</param>
/// <param name="Total">Totals of all.</param>
/// <param name="Metadata">What the files say about themselves.</param>
public sealed record WeightReport(
    string Location,
    ImmutableArray<TensorEntry> Tensors,
    ImmutableArray<WeightTotal> Files,
    ImmutableArray<WeightTotal> Types,
    WeightTotal Total,
    ImmutableDictionary<string, string> Metadata);
