using System.Text.Json;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Reads the input of the Responses API.</summary>
internal sealed class ResponsesInput(ImageStore store)
{
    /// <summary>Reads the input as messages.</summary>
    /// <param name="input">A text or items.</param>
    /// <param name="client">The client that sent it.</param>
    /// <param name="images">Receives its images, which are decoded later.</param>
    /// <exception cref="ApiException">The input is invalid.</exception>
    public List<RequestMessage> Read(JsonElement? input, string client, RequestImages images)
    {
        switch (input)
        {
            case { ValueKind: JsonValueKind.String } text:
                return [Message(MessageRole.User, JsonFields.Text(text))];
            case { ValueKind: JsonValueKind.Array } items:
                List<RequestMessage> read = [];
                int number = 0;
                foreach (JsonElement item in items.EnumerateArray())
                {
                    string field = $"input[{number++}]";
                    if (item.ValueKind != JsonValueKind.Object)
                    {
                        throw ApiException.BadRequest($"{field} must be an object.", field);
                    }

                    if (Item(item, field, client, images) is { } message)
                    {
                        read.Add(message);
                    }
                }

                return read;
            default:
                throw ApiException.BadRequest("input must be a text or a list of items.", "input");
        }
    }

    // Returns null for items that this model doesn't use.
    private RequestMessage? Item(JsonElement item, string field, string client, RequestImages images) =>
        JsonFields.Text(item, "type") switch
        {
            null or "message" => Message(item, field, images),
            "image_generation_call" or "item_reference" => Generated(item, field, client, images),
            "reasoning" => null,
            _ => throw ApiException.BadRequest($"{field}.type must be message or image_generation_call.", $"{field}.type"),
        };

    private RequestMessage Generated(JsonElement item, string field, string client, RequestImages images)
    {
        var message = new RequestMessage(MessageRole.Assistant);
        if (JsonFields.Text(item, "result") is { } result)
        {
            message.Add(images.Add(_ => Task.FromResult(FromBase64(result, $"{field}.result")), $"{field}.result"));
        }
        else
        {
            message.Add(JsonFields.Text(item, "id") is { } id && store.Find(id, client) is { } kept
                ? images.Add(_ => Task.FromResult(kept.Data), field)
                : throw ApiException.NotFound(
                    $"{field}: the picture is not kept here any more; bring its result.", $"{field}.id"));
        }

        return message;
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

    private static RequestMessage Message(MessageRole role, string text)
    {
        var message = new RequestMessage(role);
        message.Add(text);
        return message;
    }

    private static RequestMessage Message(JsonElement item, string field, RequestImages images)
    {
        MessageRole role = JsonFields.Text(item, "role") switch
        {
            "user" => MessageRole.User,
            "assistant" => MessageRole.Assistant,
            "system" or "developer" => MessageRole.System,
            _ => throw ApiException.BadRequest($"{field}.role must be user, assistant, system or developer.", $"{field}.role"),
        };
        if (JsonFields.Text(item, "content") is { } text)
        {
            return Message(role, text);
        }

        if (JsonFields.Find(item, "content") is not { ValueKind: JsonValueKind.Array } parts)
        {
            throw ApiException.BadRequest($"{field}.content must be a text or a list of parts.", $"{field}.content");
        }

        var message = new RequestMessage(role);
        int number = 0;
        foreach (JsonElement part in parts.EnumerateArray())
        {
            string name = $"{field}.content[{number++}]";
            switch (JsonFields.Text(part, "type"))
            {
                case "input_text" or "output_text" or "text":
                    message.Add(JsonFields.Text(part, "text") ?? throw ApiException.BadRequest($"{name}.text is missing.", name));
                    break;
                case "input_image":
                    message.Add(images.Add(JsonFields.Text(part, "image_url"), $"{name}.image_url"));
                    break;
                case "refusal":
                    break;
                default:
                    throw ApiException.BadRequest(
                        $"{name}.type must be input_text, output_text or input_image.", $"{name}.type");
            }
        }

        return message;
    }
}
