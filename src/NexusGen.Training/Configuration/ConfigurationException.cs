using NexusGen.Core;

namespace NexusGen.Training.Configuration;

/// <summary>A configuration file has an unknown key, a value of the wrong type, or an invalid value.</summary>
/// <param name="message">What was wrong, in which line, and what to do.</param>
/// <param name="innerException">The cause, or null.</param>
public class ConfigurationException(string message, Exception? innerException = null)
    : NexusGenException(message, innerException!);
