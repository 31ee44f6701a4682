using NexusGen.Core;

namespace NexusGen.Weights.Files;

/// <summary>A weight file can't be read or written: it is cut, malformed, hostile, missing or of another format.</summary>
public class WeightFileException : NexusGenException
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">What was wrong, in which file and tensor, and what to do.</param>
    public WeightFileException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its message and what caused it.</summary>
    /// <param name="message">What was wrong, in which file and tensor, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public WeightFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
