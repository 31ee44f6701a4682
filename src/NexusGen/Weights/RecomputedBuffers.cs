namespace NexusGen.Weights;

/// <summary>
/// The constants that some versions of the Python libraries stored beside the weights and that every reader computes itself, such
/// as the frequencies of rotary embeddings.
/// </summary>
internal static class RecomputedBuffers
{
    /// <summary>Whether a tensor is such a constant.</summary>
    /// <param name="name">The name of the tensor.</param>
    public static bool Contains(string name) => name[(name.LastIndexOf('.') + 1)..] is
        "inv_freq" or "original_inv_freq" or "cos_cached" or "sin_cached" or "position_ids";
}
