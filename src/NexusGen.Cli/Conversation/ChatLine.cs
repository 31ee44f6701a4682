namespace NexusGen.Cli.Conversation;

/// <summary>A line of a chat: a slash command with its argument, or text.</summary>
/// <param name="Command">The command with its slash; empty if the line is text.</param>
/// <param name="Rest">The argument of the command, or the text.</param>
internal readonly record struct ChatLine(string Command, string Rest)
{
    /// <summary>Parses a line.</summary>
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
