namespace NexusGen.Worlds.Core;

/// <summary>
/// A deliberate error of the world: its message is one sentence for a person that says what was wrong and what to do. (The
/// world stands alone, so it doesn't derive from the model library's exception.)
/// </summary>
public sealed class WorldException : Exception
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    public WorldException(string message)
        : base(message)
    {
    }
}
