using NexusGen.Requests;

namespace NexusGen.Tests;

internal static class ChatReplies
{
    /// <summary>Sends a turn and returns the complete reply.</summary>
    public static async Task<Reply> ReplyAsync(this Chat chat, ChatInput input)
    {
        Reply? reply = null;
        await foreach (ReplyUpdate update in chat.SendAsync(input))
        {
            reply = (update as ReplyUpdate.Finished)?.Reply;
        }

        return reply!;
    }
}
