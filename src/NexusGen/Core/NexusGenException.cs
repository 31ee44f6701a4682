namespace NexusGen.Core;

/// <summary>
/// The base class of every error that the library throws deliberately. The message is one sentence for the user: what was wrong,
/// where, and what to do about it.
/// </summary>
public class NexusGenException : Exception
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public NexusGenException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public NexusGenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
