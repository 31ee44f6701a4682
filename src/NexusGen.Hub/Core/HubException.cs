using NexusGen.Core;

namespace NexusGen.Hub.Core;

/// <summary>A file could not be fetched, or is not the one that the hub announced.</summary>
public sealed class HubException : NexusGenException
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public HubException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public HubException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
