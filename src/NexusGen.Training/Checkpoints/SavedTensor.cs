using NexusGen.Weights;
using NexusGen.Weights.Modules;

namespace NexusGen.Training.Checkpoints;

/// <summary>A parameter and how a file of weights has it.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Change">How its values differ there.</param>
public sealed record SavedTensor(string Name, Parameter Parameter, TensorChange Change = TensorChange.None);
