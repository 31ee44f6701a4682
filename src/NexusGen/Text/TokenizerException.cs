using NexusGen.Core;

namespace NexusGen.Text;

/// <summary>
/// A tokenizer's files, a chat template or a prompt are not what they should be. The message names the file or the text and
/// what to do.
/// </summary>
public sealed class TokenizerException : NexusGenException
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public TokenizerException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its message and what caused it.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public TokenizerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
