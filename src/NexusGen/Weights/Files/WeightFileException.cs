using NexusGen.Core;

namespace NexusGen.Weights.Files;

/// <summary>
/// A weight file can't be read or written: it is truncated, malformed, malicious, missing or has another format.
/// </summary>
public class WeightFileException : NexusGenException
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">What was wrong, in which file and tensor, and what to do.</param>
    public WeightFileException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">What was wrong, in which file and tensor, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public WeightFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
