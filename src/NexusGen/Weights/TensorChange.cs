namespace NexusGen.Weights;

/// <summary>How a tensor's values differ between two files' conventions. Each change undoes itself.</summary>
public enum TensorChange
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The two halves of the first dimension are swapped: (shift, scale) is (scale, shift) elsewhere.</summary>
    SwapHalves,
}
