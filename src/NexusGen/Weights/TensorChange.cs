namespace NexusGen.Weights;

/// <summary>How the values of a tensor differ between two conventions. Each change is its own inverse.</summary>
internal enum TensorChange
{
    /// <summary>The values are the same.</summary>
    None,

    /// <summary>
    /// The two halves of the first dimension are swapped: (shift, scale) is (scale, shift) in the other convention.
    /// </summary>
    SwapHalves,
}
