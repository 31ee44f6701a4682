using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// Messages as a conversation of the model: a system prompt, turns that are over, and the turn that is to be answered. Messages of
/// one side that follow each other are one turn. Contents that the model can't read (calls of tools, reasoning, usage) are left out.
/// </summary>
/// <param name="SystemPrompt">The system prompt; null where none is given.</param>
/// <param name="Turns">The turns that are over.</param>
/// <param name="Input">The user's turn that is to be answered.</param>
internal sealed record Conversation(string? SystemPrompt, IReadOnlyList<ChatTurn> Turns, ChatInput Input)
{
    private const string Mark = "<image>";

    /// <summary>Reads messages.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The call's options.</param>
    /// <param name="client">The client's options.</param>
    /// <exception cref="NexusGenException">There is nothing to answer, or a picture or an option can't be read.</exception>
    public static Conversation Of(IEnumerable<ChatMessage> messages, ChatOptions? options, NexusGenClientOptions client)
    {
        List<string> system = [];
        List<(bool IsUser, string Text, List<RgbImage> Pictures)> sides = [];
        foreach (ChatMessage message in messages)
        {
            if (message.Role == ChatRole.System)
            {
                system.Add(message.Text);
                continue;
            }

            bool isUser = message.Role != ChatRole.Assistant;
            if (sides.Count == 0 || sides[^1].IsUser != isUser)
            {
                sides.Add((isUser, "", []));
            }

            (string text, List<RgbImage> pictures) = Read(message, client);
            string before = sides[^1].Text;
            sides[^1].Pictures.AddRange(pictures);
            sides[^1] = sides[^1] with { Text = before.Length > 0 && text.Length > 0 ? $"{before}\n{text}" : before + text };
        }

        if (sides.Count == 0 || !sides[^1].IsUser)
        {
            throw new NexusGenException("There is nothing to answer: the last message must be the user's.");
        }

        if (options?.Instructions is { Length: > 0 } instructions)
        {
            system.Add(instructions);
        }

        List<ChatTurn> turns = [];
        (string Text, List<RgbImage> Pictures)? asked = null;
        foreach ((bool isUser, string text, List<RgbImage> pictures) in sides.SkipLast(1))
        {
            if (isUser)
            {
                asked = (text, pictures);
                continue;
            }

            turns.Add(new ChatTurn(asked is { } question ? new ChatInput(question.Text) { Images = question.Pictures } : null, asked?.Pictures ?? [], text, pictures));
            asked = null;
        }

        return new Conversation(system.Count == 0 ? null : string.Join("\n", system), turns, LastInput(sides[^1].Text, sides[^1].Pictures, turns, options, client));
    }

    private static ChatInput LastInput(string text, List<RgbImage> pictures, List<ChatTurn> turns, ChatOptions? options, NexusGenClientOptions client)
    {
        var properties = new PropertyReader(options?.AdditionalProperties);
        bool wanted = properties.Switch(NexusGenProperties.SelectLastPicture) ?? client.SelectLastPicture;
        bool selects = wanted && pictures.Count == 0 && turns.Count > 0 && turns[^1].Drawn.Count > 0;
        ulong? seed = options?.Seed is { } given ? unchecked((ulong)given) : null;
        return new ChatInput(text)
        {
            Images = pictures,
            SelectLastPicture = selects,
            Reply = new ReplySettings
            {
                MaxNewTokens = options?.MaxOutputTokens is { } most ? Math.Max(1, most) : new ReplySettings().MaxNewTokens,
                Temperature = options?.Temperature,
                TopK = options?.TopK,
                TopP = options?.TopP,
                RepetitionPenalty = properties.Number(NexusGenProperties.RepetitionPenalty),
                Seed = seed ?? 0,
                StopSequences = [.. (options?.StopSequences ?? []).Where(stop => stop.Length > 0)],
            },
            Picture = PictureOptions.Read(properties, seed),
        };
    }

    // Pictures stand where they stand among the words; a mark that somebody typed is none.
    private static (string Text, List<RgbImage> Pictures) Read(ChatMessage message, NexusGenClientOptions client)
    {
        string text = "";
        List<RgbImage> pictures = [];
        foreach (AIContent content in message.Contents)
        {
            if (content is TextContent words)
            {
                text += words.Text.Replace(Mark, "", StringComparison.Ordinal);
            }
            else if (PictureContents.IsPicture(content))
            {
                text += Mark;
                pictures.Add(PictureContents.Read(content, client));
            }
        }

        return (text, pictures);
    }
}
