using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// An <see cref="IChatClient"/> of a model. It reads images in messages; generated images are <see cref="DataContent"/> in the
/// replies, in order with the text. It keeps no state between calls: the messages are the conversation. Thread-safe; the calls
/// share the engine of the model. For the supported options, see <see cref="NexusGenProperties"/>.
/// </summary>
/// <param name="model">The model. The caller owns it and must dispose it.</param>
/// <param name="options">The options of the client, or null for the defaults.</param>
public sealed class NexusGenChatClient(NexusGenModel model, NexusGenClientOptions? options = null) : IChatClient
{
    private readonly NexusGenClientOptions _options = options ?? new();
    private readonly ChatClientMetadata _metadata = new("nexusgen", defaultModelId: options?.ModelId ?? ModelNames.Of(model));

    /// <summary>Answers a conversation.</summary>
    /// <inheritdoc/>
    /// <exception cref="NexusGenException">The messages or options are invalid; the message says why.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>
    /// Answers a conversation with a stream of updates. Text after an image follows once that image is finished. While an image
    /// is denoised, updates without contents report the progress: their raw representation is a
    /// <see cref="ReplyUpdate.Denoising"/> or a <see cref="ReplyUpdate.Preview"/>.
    /// </summary>
    /// <inheritdoc/>
    /// <exception cref="NexusGenException">The messages or options are invalid; the message says why.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Conversation conversation = ConversationReader.Read(messages, options, _options);
        Chat chat = model.StartChat(conversation);
        IProgress<ProgressReport>? progress = new PropertyReader(options?.AdditionalProperties).Progress();
        string id = Guid.NewGuid().ToString("N");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        IAsyncEnumerable<ReplyUpdate> updates = chat.SendAsync(conversation.Input, progress, cancellationToken);
        await foreach (ReplyUpdate update in ReplyOrder.SortAsync(updates).ConfigureAwait(false))
        {
            switch (update)
            {
                case ReplyUpdate.TextDelta text:
                    yield return Update([new TextContent(text.Text)], null);
                    break;
                case ReplyUpdate.ImageFinished { Image: var image }:
                    yield return Update([ImageContents.Write(image)], image);
                    break;
                case ReplyUpdate.Finished { Reply: var reply }:
                    ChatResponseUpdate last = Update([new UsageContent(Usage(reply))], reply);
                    last.AdditionalProperties = new() { [NexusGenProperties.Seed] = conversation.Input.Reply.Seed };
                    last.FinishReason = reply.Finish == FinishReason.Length ? ChatFinishReason.Length : ChatFinishReason.Stop;
                    yield return last;
                    break;
                default:
                    yield return Update([], update);
                    break;
            }
        }

        ChatResponseUpdate Update(IList<AIContent> contents, object? raw) => new(ChatRole.Assistant, contents)
        {
            ResponseId = id,
            MessageId = id,
            ModelId = _metadata.DefaultModelId,
            CreatedAt = now,
            RawRepresentation = raw,
        };
    }

    /// <summary>Returns the <see cref="NexusGenModel"/>, the <see cref="ChatClientMetadata"/>, or this client.</summary>
    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(model) ? model
            : null;
    }

    /// <summary>Does nothing, because the caller owns the model.</summary>
    public void Dispose()
    {
    }

    private static UsageDetails Usage(Reply reply) => new()
    {
        InputTokenCount = reply.PromptTokenCount,
        OutputTokenCount = reply.TokenIds.Count,
        TotalTokenCount = reply.PromptTokenCount + reply.TokenIds.Count,
    };
}
