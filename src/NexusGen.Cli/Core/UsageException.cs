using NexusGen.Core;

namespace NexusGen.Cli.Core;

/// <summary>The command line is invalid or asks for something impossible; nothing was started.</summary>
/// <param name="message">What is wrong and what to write instead.</param>
internal sealed class UsageException(string message) : NexusGenException(message);
