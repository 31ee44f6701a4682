using NexusGen.Weights.Modules;

namespace NexusGen.Training.Optimization;

/// <summary>Consecutive elements of a parameter.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Start">The first element, counted over the flattened parameter.</param>
/// <param name="Length">The number of elements.</param>
internal readonly record struct ParameterPiece(Parameter Parameter, long Start, long Length);
