using NexusGen.Core;

namespace NexusGen.Weights;

/// <summary>The weights don't fit the model: tensors are missing, left over or misshapen.</summary>
public sealed class WeightException : NexusGenException
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public WeightException(string message)
        : base(message)
    {
    }
}
