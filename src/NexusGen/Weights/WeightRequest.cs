using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>A tensor that a module requests.</summary>
/// <param name="Name">The full name.</param>
/// <param name="Shape">The shape that it must have.</param>
/// <param name="Type">The element type.</param>
/// <param name="Device">The device.</param>
/// <param name="Initialization">The initialization if the weights are not stored.</param>
internal readonly record struct WeightRequest(
    string Name,
    long[] Shape,
    ScalarType Type,
    Device Device,
    Initialization Initialization);
