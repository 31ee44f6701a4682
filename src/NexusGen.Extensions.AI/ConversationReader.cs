using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// Reads messages and options as a conversation of the model. Contents that the model can't read (tool calls, reasoning, usage)
/// are omitted.
/// </summary>
internal static class ConversationReader
{
    /// <summary>Converts messages to a conversation.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The options of the call.</param>
    /// <param name="client">The options of the client.</param>
    /// <exception cref="NexusGenException">There is nothing to answer, or an image or an option is invalid.</exception>
    public static Conversation Read(IEnumerable<ChatMessage> messages, ChatOptions? options, NexusGenClientOptions client)
    {
        var builder = new ConversationBuilder();
        foreach (ChatMessage message in messages)
        {
            (string text, List<RgbImage> images) = Contents(message, client);
            if (message.Role == ChatRole.System)
            {
                builder.AddSystem(text, images);
            }
            else if (message.Role == ChatRole.Assistant)
            {
                builder.AddAssistant(text, images);
            }
            else
            {
                builder.AddUser(text, images);
            }
        }

        if (options?.Instructions is { Length: > 0 } instructions)
        {
            builder.AddSystem(ConversationBuilder.WithoutMarks(instructions));
        }

        Conversation conversation = builder.Build();
        var properties = new PropertyReader(options?.AdditionalProperties);
        ulong seed = options?.Seed is { } given and not RandomSeed.Number ? unchecked((ulong)given) : RandomSeed.Next();
        return conversation with
        {
            Input = conversation.Input with
            {
                Action = Action(properties.Text(NexusGenProperties.Action)),
                UseLastImage = properties.Switch(NexusGenProperties.SelectLastPicture) ?? client.SelectLastPicture,
                Reply = Reply(options, properties, seed),
                Settings = ImageGenerationSettings.Read(properties, seed),
            },
        };
    }

    private static ChatAction Action(string? word) => RequestWords.Action(word)
        ?? throw new NexusGenException(
            $"The property {NexusGenProperties.Action} is \"{word}\"; it must be {RequestWords.Actions}.");

    private static ReplySettings Reply(ChatOptions? options, PropertyReader properties, ulong seed) => new()
    {
        MaxNewTokens = options?.MaxOutputTokens is { } most ? Math.Max(1, most) : new ReplySettings().MaxNewTokens,
        Temperature = options?.Temperature,
        TopK = options?.TopK,
        TopP = options?.TopP,
        RepetitionPenalty = properties.Number(NexusGenProperties.RepetitionPenalty),
        Seed = seed,
        StopSequences = [.. (options?.StopSequences ?? []).Where(stop => stop.Length > 0)],
    };

    private static (string Text, List<RgbImage> Images) Contents(ChatMessage message, NexusGenClientOptions client)
    {
        string text = "";
        List<RgbImage> images = [];
        foreach (AIContent content in message.Contents)
        {
            if (content is TextContent words)
            {
                text += ConversationBuilder.WithoutMarks(words.Text);
            }
            else if (ImageContents.IsImage(content))
            {
                text += ConversationBuilder.ImageMark;
                images.Add(ImageContents.Read(content, client));
            }
        }

        return (text, images);
    }
}
