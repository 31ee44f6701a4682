namespace NexusGen.Core;

/// <summary>
/// The base of every error that the library raises on purpose. Its message is one sentence for a person: what was wrong,
/// where, and what to do about it.
/// </summary>
public class NexusGenException : Exception
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public NexusGenException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its message and what caused it.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public NexusGenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
