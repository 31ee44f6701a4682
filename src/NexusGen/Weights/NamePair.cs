namespace NexusGen.Weights;

/// <summary>Two names of the same tensor.</summary>
/// <param name="Model">The name in the model; <c>{}</c> stands for the number of the block.</param>
/// <param name="File">The name in the file, with the same <c>{}</c>.</param>
/// <param name="Change">How the values differ between the two.</param>
internal sealed record NamePair(string Model, string File, TensorChange Change = TensorChange.None);
