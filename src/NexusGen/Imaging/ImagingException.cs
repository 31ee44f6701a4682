using NexusGen.Core;

namespace NexusGen.Imaging;

/// <summary>
/// The exception for an image that can't be read, written, resized or processed. The message says which, why and how to fix it.
/// </summary>
public sealed class ImagingException : NexusGenException
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">What is wrong, where, and how to fix it.</param>
    public ImagingException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and a cause.</summary>
    /// <param name="message">What is wrong, where, and how to fix it.</param>
    /// <param name="innerException">The cause.</param>
    public ImagingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
