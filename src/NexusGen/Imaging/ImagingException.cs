using NexusGen.Core;

namespace NexusGen.Imaging;

/// <summary>A picture could not be read, written, resized or prepared; the message says which, why and what to do.</summary>
public sealed class ImagingException : NexusGenException
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public ImagingException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its message and what caused it.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ImagingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
