using NexusGen.Core;

namespace NexusGen.Training.Core;

/// <summary>A training can't start or continue because of its data, its checkpoint or its numbers.</summary>
public class TrainingException : NexusGenException
{
    /// <summary>Initializes the exception with a message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public TrainingException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and its cause.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public TrainingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
