using System.Text.Json;
using Microsoft.Extensions.Options;
using NexusGen.Server.Background;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Keeps responses for later requests, which continue them or refer to their items by id, and finds those of the background. A
/// client finds its own only. Thread-safe.
/// </summary>
internal sealed class ResponseStore(IOptions<NexusGenServerOptions> options, BackgroundStore background, ApiKeys keys)
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

    /// <summary>Returns a response, or null if it is not kept or was computed in the background.</summary>
    public ResponseBody? Find(string id, string client) => _entries.Find(id, client)?.Response;

    /// <summary>Returns the conversation up to the end of a response, or null if the response is not kept.</summary>
    /// <param name="id">The id of the response.</param>
    /// <param name="client">The client.</param>
    /// <param name="images">Receives images that are not decoded yet.</param>
    /// <exception cref="ApiException">The response is not finished.</exception>
    public IReadOnlyList<RequestMessage>? Conversation(string id, string client, RequestImages images)
    {
        if (_entries.Find(id, client) is { } found)
        {
            return found.Response is null ? null : found.Messages;
        }

        string owner = keys.FingerprintOf(client);
        if (background.Find(id, owner) is not { Kind: ResponseJob.Name } job)
        {
            return null;
        }

        if (BackgroundStatus.IsUnfinished(job.Status))
        {
            throw ApiException.BadRequest(
                "previous_response_id: that response is not finished yet; ask again when it is.", "previous_response_id");
        }

        SavedResponse saved = JsonSerializer.Deserialize(job.Request, ApiJson.Default.SavedResponse)!;
        IEnumerable<SavedMessage> messages = [.. saved.Messages, .. background.Items(id, owner).Select(Read)];
        return [.. messages.Select(message => RequestMessage.Restore(message, images, "previous_response_id"))];
    }

    /// <summary>Returns an item of a response as a message, or null if it is not kept.</summary>
    /// <param name="id">The id of the item.</param>
    /// <param name="client">The client.</param>
    /// <param name="images">Receives images that are not decoded yet.</param>
    /// <param name="field">The field of the request, for messages.</param>
    public RequestMessage? Item(string id, string client, RequestImages images, string field)
    {
        if (_entries.Find(id, client) is { } found)
        {
            return found is { Response: null, Messages: [var message] } ? message : null;
        }

        return background.Item(id, keys.FingerprintOf(client)) is { } item
            ? RequestMessage.Restore(Read(item), images, field)
            : null;
    }

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

    private static SavedMessage Read(byte[] item) => JsonSerializer.Deserialize(item, ApiJson.Default.SavedMessage)!;

    private static long Size(RequestMessage message) =>
        (2 * message.TextLength) + message.Images.Sum(image => 3L * image.Pixels!.Width * image.Pixels.Height);

    // A response with its conversation, or an item with its message.
    private sealed record Entry(ResponseBody? Response, IReadOnlyList<RequestMessage> Messages);
}
