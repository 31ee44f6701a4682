using NexusGen.Core;

namespace NexusGen.Cli.Core;

/// <summary>The command line was understood word by word, but asks for what can't be; nothing was begun.</summary>
/// <param name="message">What is wrong and what to write instead.</param>
internal sealed class UsageException(string message) : NexusGenException(message);
