using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// Reads messages and options as a conversation of the model. Tool calls and their results are read as text; contents that the
/// model can't read (reasoning, usage) are omitted.
/// </summary>
internal static class ConversationReader
{
    private static readonly Dictionary<string, object?> Nothing = [];

    private static readonly JsonSerializerOptions Compact = new(AIJsonUtilities.DefaultOptions)
    {
        WriteIndented = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Converts messages to a conversation.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The options of the call.</param>
    /// <param name="client">The options of the client.</param>
    /// <exception cref="NexusGenException">There is nothing to answer, or an image or an option is invalid.</exception>
    public static Conversation Read(IEnumerable<ChatMessage> messages, ChatOptions? options, NexusGenClientOptions client)
    {
        ThrowIfNotPossible(options);
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

    // What the model can't guarantee is refused, because the caller relies on it.
    private static void ThrowIfNotPossible(ChatOptions? options)
    {
        if (options?.ResponseFormat is ChatResponseFormatJson)
        {
            throw new NexusGenException(
                "ResponseFormat asks for JSON, which the model can't guarantee: leave it out, or set ChatResponseFormat.Text.");
        }

        if (options?.ToolMode is RequiredChatToolMode)
        {
            throw new NexusGenException("ToolMode requires a tool call, but the model calls no tools: set ChatToolMode.Auto.");
        }
    }

    private static (string Text, List<RgbImage> Images) Contents(ChatMessage message, NexusGenClientOptions client)
    {
        var text = new StringBuilder();
        List<RgbImage> images = [];
        foreach (AIContent content in message.Contents)
        {
            Add(content);
        }

        return (text.ToString(), images);

        void Add(AIContent content)
        {
            switch (content)
            {
                case TextContent words:
                    text.Append(ConversationBuilder.WithoutMarks(words.Text));
                    break;
                case FunctionCallContent call:
                    text.Append(ConversationBuilder.WithoutMarks(ToolText.Call(call.Name, Json(call.Arguments ?? Nothing))));
                    break;
                case FunctionResultContent result:
                    text.Append(ToolText.ResultStart);
                    AddResult(result.Result);
                    text.Append(ToolText.ResultEnd);
                    break;
                case { } when ImageContents.IsImage(content):
                    text.Append(ConversationBuilder.ImageMark);
                    images.Add(ImageContents.Read(content, client));
                    break;
            }
        }

        void AddResult(object? result)
        {
            switch (result)
            {
                case AIContent one:
                    Add(one);
                    break;
                case IEnumerable<AIContent> several:
                    several.ToList().ForEach(Add);
                    break;
                case string words:
                    text.Append(ConversationBuilder.WithoutMarks(words));
                    break;
                case not null:
                    text.Append(ConversationBuilder.WithoutMarks(Json(result)));
                    break;
            }
        }
    }

    private static string Json(object value) => JsonSerializer.Serialize(value, Compact.GetTypeInfo(value.GetType()));
}
