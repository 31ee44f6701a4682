using NexusGen.Core;

namespace NexusGen.Training.Core;

/// <summary>A training can't begin or go on: its data, its checkpoint or its numbers don't allow it.</summary>
public class TrainingException : NexusGenException
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public TrainingException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its message and what caused it.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public TrainingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
