using NexusGen.Weights;
using NexusGen.Weights.Modules;

namespace NexusGen.Training.Checkpoints;

/// <summary>A parameter and its representation in a weight file.</summary>
/// <param name="Name">The name of the tensor in the file.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Change">How the values in the file differ from those of the parameter.</param>
internal sealed record SavedTensor(string Name, Parameter Parameter, TensorChange Change = TensorChange.None);
