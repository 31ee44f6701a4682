using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>A tensor as a module asks for it.</summary>
/// <param name="Name">The whole name.</param>
/// <param name="Shape">The shape that it must have.</param>
/// <param name="Type">The type wanted.</param>
/// <param name="Device">Where it is wanted.</param>
/// <param name="Initialization">How it starts where nothing is stored.</param>
public readonly record struct WeightRequest(string Name, long[] Shape, ScalarType Type, Device Device, Initialization Initialization);
