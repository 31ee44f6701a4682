using NexusGen.Server.Http;

namespace NexusGen.Server.Requests;

/// <summary>
/// Fits the messages of a conversation to the limits of the server, by one rule for all APIs: of more images than are taken, the
/// oldest become words; of more text than is taken, the oldest turns are left out if the request allows it.
/// </summary>
internal static class RequestHistory
{
    /// <summary>Returns the messages that are answered.</summary>
    /// <param name="messages">All messages.</param>
    /// <param name="images">The images of the request. Those of omitted messages are not decoded.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <param name="truncate">true if the oldest turns may be left out.</param>
    /// <exception cref="ApiException">
    /// The last message is not the user's, the conversation is too long, or its last turn has too many images.
    /// </exception>
    public static IReadOnlyList<RequestMessage> Fit(
        IReadOnlyList<RequestMessage> messages, RequestImages images, Limits limits, string field, bool truncate = false)
    {
        if (messages.Count == 0 || messages[^1].Role != MessageRole.User)
        {
            throw ApiException.BadRequest($"{field} must end with a message of the user: there is nothing to answer.", field);
        }

        RequestMessage[] fitted = [.. messages];
        while (truncate && !limits.IsTextTaken(Length(fitted)) && WithoutOldestTurn(fitted) is { } shorter)
        {
            fitted = shorter;
        }

        limits.ConversationLength(Length(fitted), field);
        LeaveOutImages(fitted, limits, field);
        HashSet<RequestImage> taken = [.. fitted.SelectMany(message => message.Images)];
        foreach (RequestImage image in messages.SelectMany(message => message.Images).Where(image => !taken.Contains(image)))
        {
            images.LeaveOut(image);
        }

        return fitted;
    }

    private static long Length(IEnumerable<RequestMessage> messages) => messages.Sum(message => message.TextLength);

    // Returns null if there is only one turn. System messages stay.
    private static RequestMessage[]? WithoutOldestTurn(RequestMessage[] messages)
    {
        RequestMessage? before = null;
        foreach ((int i, RequestMessage message) in messages.Index().Where(message => message.Item.Role != MessageRole.System))
        {
            if (message.Role == MessageRole.User && before?.Role == MessageRole.Assistant)
            {
                return [.. messages.Take(i).Where(old => old.Role == MessageRole.System), .. messages.Skip(i)];
            }

            before = message;
        }

        return null;
    }

    // The images of instructions and of the turn to answer are never left out.
    private static void LeaveOutImages(RequestMessage[] messages, Limits limits, string field)
    {
        int turn = 1 + Array.FindLastIndex(messages, message => message.Role == MessageRole.Assistant);
        bool IsHistory(int i) => i < turn && messages[i].Role != MessageRole.System;
        int room = limits.MaxImages - messages.Where((_, i) => !IsHistory(i)).Sum(message => message.Images.Count);
        limits.Images(limits.MaxImages - room, field);
        for (int i = turn - 1; i >= 0; i--)
        {
            if (IsHistory(i))
            {
                int left = Math.Max(0, messages[i].Images.Count - room);
                room -= messages[i].Images.Count - left;
                messages[i] = left == 0 ? messages[i] : messages[i].WithoutImages(left);
            }
        }
    }
}
