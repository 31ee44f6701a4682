using System.Text.Json;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Reads the input of the Responses API.</summary>
internal sealed class ResponsesInput(ResponseStore store)
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
                return [RequestMessage.Of(MessageRole.User, JsonFields.Text(text))];
            case { ValueKind: JsonValueKind.Array } items:
                List<RequestMessage> read = [];
                HashSet<string> references = [];
                int number = 0;
                foreach (JsonElement item in items.EnumerateArray())
                {
                    string field = $"input[{number++}]";
                    if (item.ValueKind != JsonValueKind.Object)
                    {
                        throw ApiException.BadRequest($"{field} must be an object.", field);
                    }

                    if (Item(item, field, client, references, images) is { } message)
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
    private RequestMessage? Item(
        JsonElement item, string field, string client, HashSet<string> references, RequestImages images)
    {
        switch (JsonFields.Text(item, "type"))
        {
            case null when JsonFields.Text(item, "role") is null && JsonFields.Text(item, "id") is not null:
            case "item_reference":
                return Kept(item, field, client, references, images);
            case null or "message":
                return Message(item, field, images);
            case "image_generation_call" when JsonFields.Text(item, "result") is { } result:
                var drawn = new RequestMessage(MessageRole.Assistant);
                drawn.Add(images.Add(_ => Task.FromResult(FromBase64(result, $"{field}.result")), $"{field}.result"));
                return drawn;
            case "image_generation_call":
                return Kept(item, field, client, references, images);
            case "function_call" or "custom_tool_call" or "mcp_call":
                return Call(item, field);
            case "function_call_output" or "custom_tool_call_output":
                return Output(item, field, images);
            case "reasoning" or "web_search_call" or "file_search_call" or "code_interpreter_call" or "mcp_list_tools":
                // What came out of them is in the message that follows.
                return null;
            default:
                throw ApiException.BadRequest(
                    $"{field}.type must be message, item_reference, image_generation_call, function_call "
                    + "or function_call_output.",
                    $"{field}.type");
        }
    }

    // Some clients refer to the call of an image and to its result, which are one item.
    private RequestMessage? Kept(
        JsonElement item, string field, string client, HashSet<string> references, RequestImages images)
    {
        string id = JsonFields.Text(item, "id") ?? throw ApiException.BadRequest($"{field}.id is missing.", $"{field}.id");
        RequestMessage message = store.Item(id, client, images, field)
            ?? throw ApiException.NotFound(
                $"{field}: Item with id '{id}' not found: it is not kept here, or not any more. Send the item itself.",
                $"{field}.id");
        return references.Add(id) ? message : null;
    }

    private static RequestMessage Call(JsonElement item, string field)
    {
        var message = new RequestMessage(MessageRole.Assistant);
        ToolItems.AddCall(message, item, field);
        if (JsonFields.Text(item, "output") is { } output)
        {
            ToolItems.AddResult(message, () => message.Add(output));
        }

        return message;
    }

    private static RequestMessage Output(JsonElement item, string field, RequestImages images)
    {
        var message = new RequestMessage(MessageRole.User);
        ToolItems.AddResult(message, () => AddContent(message, JsonFields.Find(item, "output"), $"{field}.output", images));
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

    private static RequestMessage? Message(JsonElement item, string field, RequestImages images)
    {
        MessageRole role = JsonFields.Text(item, "role") switch
        {
            "user" => MessageRole.User,
            "assistant" => MessageRole.Assistant,
            "system" or "developer" => MessageRole.System,
            _ => throw ApiException.BadRequest($"{field}.role must be user, assistant, system or developer.", $"{field}.role"),
        };
        JsonElement? content = JsonFields.Find(item, "content");
        if (role != MessageRole.User && content is null or { ValueKind: JsonValueKind.Null })
        {
            return null;
        }

        var message = new RequestMessage(role);
        AddContent(message, content, $"{field}.content", images);
        return message;
    }

    private static void AddContent(RequestMessage message, JsonElement? content, string field, RequestImages images)
    {
        if (content is { ValueKind: JsonValueKind.String } text)
        {
            message.Add(JsonFields.Text(text));
            return;
        }

        if (content is not { ValueKind: JsonValueKind.Array } parts)
        {
            throw ApiException.BadRequest($"{field} must be a text or a list of parts.", field);
        }

        int number = 0;
        foreach (JsonElement part in parts.EnumerateArray())
        {
            string name = $"{field}[{number++}]";
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
    }
}
