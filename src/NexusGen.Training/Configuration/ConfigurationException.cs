using NexusGen.Core;

namespace NexusGen.Training.Configuration;

/// <summary>A configuration file has an unknown key, a value of the wrong kind, or one that makes no sense.</summary>
/// <param name="message">What was wrong, in which line, and what to do.</param>
/// <param name="innerException">The cause.</param>
public class ConfigurationException(string message, Exception? innerException = null) : NexusGenException(message, innerException!);
