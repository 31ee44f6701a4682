using NexusGen.Core;

namespace NexusGen.Text;

/// <summary>
/// The exception for an invalid tokenizer file, chat template or prompt. The message names the file or the text and the remedy.
/// </summary>
public sealed class TokenizerException : NexusGenException
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">What is wrong, where, and how to fix it.</param>
    public TokenizerException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and a cause.</summary>
    /// <param name="message">What is wrong, where, and how to fix it.</param>
    /// <param name="innerException">The cause.</param>
    public TokenizerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
