using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Server.Http;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Reads a request's messages. Pictures that the assistant drew come back as they were sent: in its text as Markdown, or in a field
/// of their own.
/// </summary>
internal sealed partial class ChatMessages(Limits limits)
{
    /// <summary>The messages of a chat request.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="pictures">Takes the pictures that they bring; they are decoded later.</param>
    /// <exception cref="ApiException">A message can't be understood or is out of bounds.</exception>
    public List<ChatMessage> Read(IReadOnlyList<ChatRequestMessage>? messages, RequestPictures pictures)
    {
        if (messages is not { Count: > 0 })
        {
            throw ApiException.BadRequest("messages is empty: there is nothing to answer.", "messages");
        }

        List<ChatMessage> read = [];
        for (int i = 0; i < messages.Count; i++)
        {
            string field = $"messages[{i}]";
            ChatRequestMessage message = messages[i] ?? throw ApiException.BadRequest($"{field} is null.", field);
            ChatRole role = Role(message.Role, field);
            List<AIContent> contents = Contents(message.Content, role, $"{field}.content", pictures);
            contents.AddRange((message.Images ?? []).Select(part => pictures.Add(part?.ImageUrl?.Url, $"{field}.images")));
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

    /// <summary>A picture as a content: its pixels travel as they are. Null where they are decoded later.</summary>
    public static AIContent Content(RgbImage? image) => new DataContent(ReadOnlyMemory<byte>.Empty, "image/png") { RawRepresentation = image };

    // An assistant's text with its pictures, in order.
    private static List<AIContent> Split(string text, string field, RequestPictures pictures)
    {
        List<AIContent> contents = [];
        int end = 0;
        foreach (Match match in DrawnPicture().Matches(text))
        {
            contents.Add(new TextContent(text[end..match.Index]));
            contents.Add(pictures.Add(match.Groups[1].Value, field));
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

    private static List<AIContent> Contents(JsonElement? content, ChatRole role, string field, RequestPictures pictures)
    {
        if (content is not { } value || value.ValueKind == JsonValueKind.Null)
        {
            return role == ChatRole.Assistant ? [] : throw ApiException.BadRequest($"{field} is missing.", field);
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return Texts(JsonFields.Text(value), role, field, pictures);
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
                    contents.AddRange(Texts(JsonFields.Text(part, "text") ?? throw ApiException.BadRequest($"{name}.text is missing.", name), role, name, pictures));
                    break;
                case "image_url":
                    // As an object officially; as a plain text from some clients.
                    string? address = JsonFields.Find(part, "image_url") is { ValueKind: JsonValueKind.Object } url ? JsonFields.Text(url, "url") : JsonFields.Text(part, "image_url");
                    contents.Add(pictures.Add(address, $"{name}.image_url"));
                    break;
                case "refusal":
                    break;
                default:
                    throw ApiException.BadRequest($"{name}.type must be text or image_url.", $"{name}.type");
            }
        }

        return contents;
    }

    private static List<AIContent> Texts(string text, ChatRole role, string field, RequestPictures pictures) =>
        role == ChatRole.Assistant ? Split(text, field, pictures) : [new TextContent(text)];

    [GeneratedRegex(@"!\[[^\]\n]{0,200}\]\((data:image/[a-z]{2,10};base64,[A-Za-z0-9+/=]+)\)", RegexOptions.NonBacktracking)]
    private static partial Regex DrawnPicture();
}
