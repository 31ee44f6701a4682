using System.Text.Json;
using System.Text.RegularExpressions;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Reads the messages of a chat request. Images that the assistant generated come back as they were sent: as Markdown in its
/// text, or in a separate field.
/// </summary>
internal static partial class ChatMessages
{
    /// <summary>Reads the messages.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="images">Receives their images, which are decoded later.</param>
    /// <exception cref="ApiException">A message is invalid.</exception>
    public static List<RequestMessage> Read(IReadOnlyList<ChatRequestMessage>? messages, RequestImages images)
    {
        if (messages is not { Count: > 0 })
        {
            throw ApiException.BadRequest("messages is empty: there is nothing to answer.", "messages");
        }

        List<RequestMessage> read = [];
        for (int i = 0; i < messages.Count; i++)
        {
            string field = $"messages[{i}]";
            ChatRequestMessage message = messages[i] ?? throw ApiException.BadRequest($"{field} is null.", field);
            var result = new RequestMessage(Role(message.Role, field));
            bool isEmpty = message.Role != "user" && message.Content is null or { ValueKind: JsonValueKind.Null };
            void AddContent() => ChatMessages.AddContent(result, message.Content, $"{field}.content", images);
            if (message.Role is "tool" or "function")
            {
                ToolItems.AddResult(result, isEmpty ? () => { } : AddContent);
            }
            else if (!isEmpty)
            {
                AddContent();
            }

            AddCalls(result, message, field);
            foreach (ImagePart? part in message.Images ?? [])
            {
                result.Add(images.Add(part?.ImageUrl?.Url, $"{field}.images"));
            }

            // A system message that says nothing doesn't replace the system prompt of the template.
            if (!isEmpty || result.Role != MessageRole.System || result.Images.Count > 0)
            {
                read.Add(result);
            }
        }

        return read;
    }

    private static MessageRole Role(string? role, string field) => role switch
    {
        "system" or "developer" => MessageRole.System,
        "user" or "tool" or "function" => MessageRole.User,
        "assistant" => MessageRole.Assistant,
        _ => throw ApiException.BadRequest(
            $"{field}.role must be system, developer, user, assistant or tool.", $"{field}.role"),
    };

    private static void AddCalls(RequestMessage message, ChatRequestMessage request, string field)
    {
        if (message.Role != MessageRole.Assistant)
        {
            return;
        }

        if (request.FunctionCall is { ValueKind: JsonValueKind.Object } old)
        {
            ToolItems.AddCall(message, old, $"{field}.function_call");
        }

        foreach ((int i, JsonElement call) in (request.ToolCalls ?? []).Index())
        {
            string kind = JsonFields.Text(call, "type") ?? "function", name = $"{field}.tool_calls[{i}]";
            ToolItems.AddCall(
                message,
                JsonFields.Find(call, kind) ?? throw ApiException.BadRequest($"{name}.{kind} is missing.", $"{name}.{kind}"),
                $"{name}.{kind}");
        }
    }

    private static void AddContent(RequestMessage message, JsonElement? content, string field, RequestImages images)
    {
        switch (content)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                throw ApiException.BadRequest($"{field} is missing.", field);
            case { ValueKind: JsonValueKind.String } text:
                AddText(message, JsonFields.Text(text), field, images);
                break;
            case { ValueKind: JsonValueKind.Array } parts:
                int number = 0;
                foreach (JsonElement part in parts.EnumerateArray())
                {
                    AddPart(message, part, $"{field}[{number++}]", images);
                }

                break;
            default:
                throw ApiException.BadRequest($"{field} must be a text or a list of parts.", field);
        }
    }

    private static void AddPart(RequestMessage message, JsonElement part, string field, RequestImages images)
    {
        switch (JsonFields.Text(part, "type"))
        {
            case "text":
                string text = JsonFields.Text(part, "text") ?? throw ApiException.BadRequest($"{field}.text is missing.", field);
                AddText(message, text, field, images);
                break;
            case "image_url":
                // An object in OpenAI's API, but some clients send a string.
                string? address = JsonFields.Find(part, "image_url") is { ValueKind: JsonValueKind.Object } url
                    ? JsonFields.Text(url, "url")
                    : JsonFields.Text(part, "image_url");
                message.Add(images.Add(address, $"{field}.image_url"));
                break;
            case "refusal":
                break;
            default:
                throw ApiException.BadRequest($"{field}.type must be text or image_url.", $"{field}.type");
        }
    }

    // The text of the assistant contains its images.
    private static void AddText(RequestMessage message, string text, string field, RequestImages images)
    {
        int end = 0;
        if (message.Role == MessageRole.Assistant)
        {
            foreach (Match match in GeneratedImage().Matches(text))
            {
                message.Add(text[end..match.Index]);
                message.Add(images.Add(match.Groups[1].Value, field));
                end = match.Index + match.Length;
            }
        }

        message.Add(text[end..]);
    }

    [GeneratedRegex(@"!\[[^\]\n]{0,200}\]\((data:image/[a-z]{2,10};base64,[A-Za-z0-9+/=]+)\)", RegexOptions.NonBacktracking)]
    private static partial Regex GeneratedImage();
}
