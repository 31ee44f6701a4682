using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Keeps responses for later requests, which continue them or refer to their items by id. A client finds its own only.
/// Thread-safe.
/// </summary>
internal sealed class ResponseStore(IOptions<NexusGenServerOptions> options)
{
    private readonly ShortTermStore<Entry> _entries = new(options.Value.StoreBytes / 2, options.Value.PictureLifetime);

    /// <summary>Keeps a response with its items.</summary>
    /// <param name="client">The client.</param>
    /// <param name="response">The response.</param>
    /// <param name="messages">The conversation before it.</param>
    /// <param name="items">Its items as messages, in order, by their ids.</param>
    public void Add(
        string client,
        ResponseBody response,
        IReadOnlyList<RequestMessage> messages,
        IReadOnlyList<(string Id, RequestMessage Message)> items)
    {
        // Items share the memory of their response, which is removed after them: the oldest entries are removed first.
        foreach ((string id, RequestMessage message) in items)
        {
            _entries.Add(id, client, new Entry(null, [message]), 0);
        }

        RequestMessage[] conversation = [.. messages, .. items.Select(item => item.Message)];
        long bytes = conversation.Sum(Size) + response.Output.Sum(item => item.Result?.Length ?? 0);
        _entries.Add(response.Id, client, new Entry(response, conversation), bytes);
    }

    /// <summary>Returns a response, or null if it is not kept.</summary>
    public ResponseBody? Find(string id, string client) => _entries.Find(id, client)?.Response;

    /// <summary>Returns the conversation up to the end of a response, or null if the response is not kept.</summary>
    public IReadOnlyList<RequestMessage>? Conversation(string id, string client) =>
        _entries.Find(id, client) is { Response: not null } found ? found.Messages : null;

    /// <summary>Returns an item of a response as a message, or null if it is not kept.</summary>
    public RequestMessage? Item(string id, string client) =>
        _entries.Find(id, client) is { Response: null, Messages: [var message] } ? message : null;

    /// <summary>Removes a response and its items.</summary>
    /// <returns>true if it existed; otherwise, false.</returns>
    public bool Forget(string id, string client)
    {
        if (Find(id, client) is not { } response)
        {
            return false;
        }

        foreach (OutputItem item in response.Output)
        {
            _entries.Forget(item.Id, client);
        }

        return _entries.Forget(id, client);
    }

    private static long Size(RequestMessage message) =>
        (2 * message.TextLength) + message.Images.Sum(image => 3L * image.Pixels!.Width * image.Pixels.Height);

    // A response with its conversation, or an item with its message.
    private sealed record Entry(ResponseBody? Response, IReadOnlyList<RequestMessage> Messages);
}
