using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// A model as an <see cref="IChatClient"/>: it reads pictures in messages, and what it draws stands as <see cref="DataContent"/> in
/// its replies, in order with the words. It keeps nothing between calls: the messages are the conversation. Safe for several
/// threads at once; calls of one model share its engine. What options mean: <see cref="NexusGenProperties"/>.
/// </summary>
/// <param name="model">The model; the caller's.</param>
/// <param name="options">How messages are read.</param>
public sealed class NexusGenChatClient(NexusGenModel model, NexusGenClientOptions? options = null) : IChatClient
{
    private readonly NexusGenClientOptions _options = options ?? new();
    private readonly ChatClientMetadata _metadata = new("nexusgen", defaultModelId: options?.ModelId ?? ModelNames.Of(model));

    /// <summary>Answers a conversation.</summary>
    /// <inheritdoc/>
    /// <exception cref="NexusGenException">The messages or options can't be understood; the sentence says why.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>
    /// Answers a conversation, piece by piece. Words that stand behind a picture come behind it, once it is finished. While a
    /// picture is painted, updates without contents tell of it: their raw representation is a <see cref="ReplyUpdate.Denoising"/> or
    /// a <see cref="ReplyUpdate.Preview"/>.
    /// </summary>
    /// <inheritdoc/>
    /// <exception cref="NexusGenException">The messages or options can't be understood; the sentence says why.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var conversation = Conversation.Of(messages, options, _options);
        Chat chat = model.StartChat(conversation.SystemPrompt, conversation.Turns);
        IProgress<ProgressReport>? progress = new PropertyReader(options?.AdditionalProperties).Progress();
        string id = Guid.NewGuid().ToString("N");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var order = new ReplyOrder();
        await foreach (ReplyUpdate update in chat.SendAsync(conversation.Input, progress, cancellationToken).ConfigureAwait(false))
        {
            foreach (AIContent content in order.Next(update))
            {
                yield return Update([content], content.RawRepresentation);
            }

            if (update is ReplyUpdate.Denoising or ReplyUpdate.Preview)
            {
                yield return Update([], update);
            }
            else if (update is ReplyUpdate.Finished { Reply: var reply })
            {
                var usage = new UsageDetails
                {
                    InputTokenCount = reply.PromptTokenCount,
                    OutputTokenCount = reply.TokenIds.Count,
                    TotalTokenCount = reply.PromptTokenCount + reply.TokenIds.Count,
                };
                ChatResponseUpdate last = Update([new UsageContent(usage)], reply);
                last.FinishReason = reply.Finish == FinishReason.Length ? ChatFinishReason.Length : ChatFinishReason.Stop;
                yield return last;
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

    /// <summary>Gives the <see cref="NexusGenModel"/>, the <see cref="ChatClientMetadata"/>, or this client.</summary>
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

    /// <summary>Does nothing: the model is the caller's.</summary>
    public void Dispose()
    {
    }
}
