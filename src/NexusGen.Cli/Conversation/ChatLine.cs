namespace NexusGen.Cli.Conversation;

/// <summary>A line of a chat: a word after a slash and the rest, or a text.</summary>
/// <param name="Command">The word with its slash; empty where the line is a text.</param>
/// <param name="Rest">What follows it, or the text.</param>
internal readonly record struct ChatLine(string Command, string Rest)
{
    /// <summary>Takes a line apart.</summary>
    public static ChatLine Parse(string line)
    {
        string trimmed = line.Trim();
        if (!trimmed.StartsWith('/'))
        {
            return new ChatLine("", trimmed);
        }

        int end = trimmed.IndexOf(' ', StringComparison.Ordinal);
        return end < 0 ? new ChatLine(trimmed, "") : new ChatLine(trimmed[..end], trimmed[end..].Trim());
    }
}
