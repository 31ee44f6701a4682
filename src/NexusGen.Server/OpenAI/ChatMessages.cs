using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Reads a request's messages. Pictures that the assistant drew come back as they were sent: in its text as Markdown, or in a field
/// of their own.
/// </summary>
internal sealed partial class ChatMessages(PictureReader reader, Limits limits)
{
    /// <summary>The messages of a chat request.</summary>
    /// <exception cref="ApiException">A message can't be understood or is out of bounds.</exception>
    public async Task<List<ChatMessage>> ReadAsync(IReadOnlyList<ChatRequestMessage>? messages, CancellationToken cancellationToken)
    {
        if (messages is not { Count: > 0 })
        {
            throw ApiException.BadRequest("messages is empty: there is nothing to answer.", "messages");
        }

        List<ChatMessage> read = [];
        var allowance = new RequestAllowance(limits, "messages");
        for (int i = 0; i < messages.Count; i++)
        {
            string field = $"messages[{i}]";
            ChatRequestMessage message = messages[i] ?? throw ApiException.BadRequest($"{field} is null.", field);
            ChatRole role = Role(message.Role, field);
            List<AIContent> contents = await ContentsAsync(message.Content, role, $"{field}.content", allowance, cancellationToken).ConfigureAwait(false);
            foreach (ImagePart? part in message.Images ?? [])
            {
                contents.Add(await PictureAsync(part?.ImageUrl?.Url, $"{field}.images", allowance, cancellationToken).ConfigureAwait(false));
            }

            read.Add(new ChatMessage(role, contents));
        }

        Check(read, "messages");
        return read;
    }

    /// <summary>Checks the bounds of all that was read.</summary>
    /// <exception cref="ApiException">There is too much of it, or the last message is not the user's.</exception>
    public void Check(IReadOnlyList<ChatMessage> messages, string field)
    {
        limits.TextLength(messages.Sum(message => message.Contents.OfType<TextContent>().Sum(text => (long)text.Text.Length)), field);
        limits.Pictures(messages.Sum(message => message.Contents.Count(content => content is DataContent)), field);
        if (messages.Count == 0 || messages[^1].Role != ChatRole.User)
        {
            throw ApiException.BadRequest($"{field} must end with a message of the user: there is nothing to answer.", field);
        }
    }

    /// <summary>A picture as a content of a message.</summary>
    /// <exception cref="ApiException">It can't be read, or is one too many.</exception>
    public async Task<AIContent> PictureAsync(string? address, string field, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        allowance.TakePicture();
        return Content(await reader.ReadAsync(address, field, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A decoded picture as a content: the pixels travel as they are.</summary>
    public static AIContent Content(RgbImage image) => new DataContent(ReadOnlyMemory<byte>.Empty, "image/png") { RawRepresentation = image };

    /// <summary>An assistant's text with its pictures, in order.</summary>
    public async Task<List<AIContent>> SplitAsync(string text, string field, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        List<AIContent> contents = [];
        int end = 0;
        foreach (Match match in DrawnPicture().Matches(text))
        {
            contents.Add(new TextContent(text[end..match.Index]));
            contents.Add(await PictureAsync(match.Groups[1].Value, field, allowance, cancellationToken).ConfigureAwait(false));
            end = match.Index + match.Length;
        }

        contents.Add(new TextContent(text[end..]));
        return contents;
    }

    private static ChatRole Role(string? role, string field) => role switch
    {
        "system" or "developer" => ChatRole.System,
        "user" => ChatRole.User,
        "assistant" => ChatRole.Assistant,
        _ => throw ApiException.BadRequest($"{field}.role must be system, developer, user or assistant.", $"{field}.role"),
    };

    private async Task<List<AIContent>> ContentsAsync(JsonElement? content, ChatRole role, string field, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        if (content is not { } value || value.ValueKind == JsonValueKind.Null)
        {
            return role == ChatRole.Assistant ? [] : throw ApiException.BadRequest($"{field} is missing.", field);
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return await TextAsync(JsonFields.Text(value), role, field, allowance, cancellationToken).ConfigureAwait(false);
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw ApiException.BadRequest($"{field} must be a text or a list of parts.", field);
        }

        List<AIContent> contents = [];
        int number = 0;
        foreach (JsonElement part in value.EnumerateArray())
        {
            string name = $"{field}[{number++}]";
            switch (JsonFields.Text(part, "type"))
            {
                case "text":
                    contents.AddRange(await TextAsync(
                        JsonFields.Text(part, "text") ?? throw ApiException.BadRequest($"{name}.text is missing.", name), role, name, allowance, cancellationToken).ConfigureAwait(false));
                    break;
                case "image_url":
                    // As an object officially; as a plain text from some clients.
                    string? address = JsonFields.Find(part, "image_url") is { ValueKind: JsonValueKind.Object } url ? JsonFields.Text(url, "url") : JsonFields.Text(part, "image_url");
                    contents.Add(await PictureAsync(address, $"{name}.image_url", allowance, cancellationToken).ConfigureAwait(false));
                    break;
                case "refusal":
                    break;
                default:
                    throw ApiException.BadRequest($"{name}.type must be text or image_url.", $"{name}.type");
            }
        }

        return contents;
    }

    private async Task<List<AIContent>> TextAsync(string text, ChatRole role, string field, RequestAllowance allowance, CancellationToken cancellationToken) =>
        role == ChatRole.Assistant ? await SplitAsync(text, field, allowance, cancellationToken).ConfigureAwait(false) : [new TextContent(text)];

    [GeneratedRegex(@"!\[[^\]\n]{0,200}\]\((data:image/[a-z]{2,10};base64,[A-Za-z0-9+/=]+)\)", RegexOptions.NonBacktracking)]
    private static partial Regex DrawnPicture();
}
