using NexusGen.Core;

namespace NexusGen.Weights;

/// <summary>The weights don't fit the model: tensors are missing, unexpected or of another shape.</summary>
public sealed class WeightException : NexusGenException
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public WeightException(string message)
        : base(message)
    {
    }
}
