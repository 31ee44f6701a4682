using NexusGen.Core;

namespace NexusGen.Autoregressive;

/// <summary>The exception for a prompt that is longer than the model can read.</summary>
/// <param name="message">What is too long, the limit, and what to do.</param>
internal sealed class ContextLengthException(string message) : NexusGenException(message);
