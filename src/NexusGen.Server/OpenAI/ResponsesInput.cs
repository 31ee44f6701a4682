using System.Text.Json;
using Microsoft.Extensions.AI;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;

namespace NexusGen.Server.OpenAI;

/// <summary>Reads the input of the Responses API.</summary>
internal sealed class ResponsesInput(PictureStore store)
{
    /// <summary>The input as messages.</summary>
    /// <param name="input">A text or items.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="pictures">Takes the pictures that it brings; they are decoded later.</param>
    /// <exception cref="ApiException">It can't be understood.</exception>
    public List<ChatMessage> Read(JsonElement? input, string client, RequestPictures pictures)
    {
        switch (input)
        {
            case { ValueKind: JsonValueKind.String } text:
                return [new ChatMessage(ChatRole.User, JsonFields.Text(text))];
            case { ValueKind: JsonValueKind.Array } items:
                List<ChatMessage> read = [];
                int number = 0;
                foreach (JsonElement item in items.EnumerateArray())
                {
                    string field = $"input[{number++}]";
                    if (item.ValueKind != JsonValueKind.Object)
                    {
                        throw ApiException.BadRequest($"{field} must be an object.", field);
                    }

                    if (Item(item, field, client, pictures) is { } message)
                    {
                        read.Add(message);
                    }
                }

                return read;
            default:
                throw ApiException.BadRequest("input must be a text or a list of items.", "input");
        }
    }

    // Null of items that say nothing to this model.
    private ChatMessage? Item(JsonElement item, string field, string client, RequestPictures pictures) => JsonFields.Text(item, "type") switch
    {
        null or "message" => Message(item, field, pictures),
        "image_generation_call" or "item_reference" => new ChatMessage(ChatRole.Assistant, [Drawn(item, field, client, pictures)]),
        "reasoning" => null,
        _ => throw ApiException.BadRequest($"{field}.type must be message or image_generation_call.", $"{field}.type"),
    };

    private AIContent Drawn(JsonElement item, string field, string client, RequestPictures pictures)
    {
        if (JsonFields.Text(item, "result") is { } result)
        {
            return pictures.Add(_ => Task.FromResult(FromBase64(result, $"{field}.result")), $"{field}.result");
        }

        return JsonFields.Text(item, "id") is { } id && store.Find(id, client) is { } kept
            ? pictures.Add(_ => Task.FromResult(kept.Data), field)
            : throw ApiException.NotFound($"{field}: the picture is not kept here any more; bring its result.", $"{field}.id");
    }

    private static byte[] FromBase64(string text, string field)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw ApiException.BadRequest($"{field} is not base64.", field);
        }
    }

    private static ChatMessage Message(JsonElement item, string field, RequestPictures pictures)
    {
        ChatRole role = JsonFields.Text(item, "role") switch
        {
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "system" or "developer" => ChatRole.System,
            _ => throw ApiException.BadRequest($"{field}.role must be user, assistant, system or developer.", $"{field}.role"),
        };
        if (JsonFields.Text(item, "content") is { } text)
        {
            return new ChatMessage(role, text);
        }

        if (JsonFields.Find(item, "content") is not { ValueKind: JsonValueKind.Array } parts)
        {
            throw ApiException.BadRequest($"{field}.content must be a text or a list of parts.", $"{field}.content");
        }

        List<AIContent> contents = [];
        int number = 0;
        foreach (JsonElement part in parts.EnumerateArray())
        {
            string name = $"{field}.content[{number++}]";
            switch (JsonFields.Text(part, "type"))
            {
                case "input_text" or "output_text" or "text":
                    contents.Add(new TextContent(JsonFields.Text(part, "text") ?? throw ApiException.BadRequest($"{name}.text is missing.", name)));
                    break;
                case "input_image":
                    contents.Add(pictures.Add(JsonFields.Text(part, "image_url"), $"{name}.image_url"));
                    break;
                case "refusal":
                    break;
                default:
                    throw ApiException.BadRequest($"{name}.type must be input_text, output_text or input_image.", $"{name}.type");
            }
        }

        return new ChatMessage(role, contents);
    }
}
