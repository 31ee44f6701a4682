using System.Text.Json;
using Microsoft.Extensions.AI;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;

namespace NexusGen.Server.OpenAI;

/// <summary>Reads the input of the Responses API.</summary>
internal sealed class ResponsesInput(ChatMessages messages, PictureReader reader, PictureStore pictures, Limits limits)
{
    /// <summary>The input as messages.</summary>
    /// <param name="input">A text or items.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="cancellationToken">Ends fetching.</param>
    /// <exception cref="ApiException">It can't be understood.</exception>
    public async Task<List<ChatMessage>> ReadAsync(JsonElement? input, string client, CancellationToken cancellationToken)
    {
        switch (input)
        {
            case { ValueKind: JsonValueKind.String } text:
                return [new ChatMessage(ChatRole.User, JsonFields.Text(text))];
            case { ValueKind: JsonValueKind.Array } items:
                List<ChatMessage> read = [];
                var allowance = new RequestAllowance(limits, "input");
                int number = 0;
                foreach (JsonElement item in items.EnumerateArray())
                {
                    string field = $"input[{number++}]";
                    if (item.ValueKind != JsonValueKind.Object)
                    {
                        throw ApiException.BadRequest($"{field} must be an object.", field);
                    }

                    if (await ItemAsync(item, field, client, allowance, cancellationToken).ConfigureAwait(false) is { } message)
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
    private async Task<ChatMessage?> ItemAsync(JsonElement item, string field, string client, RequestAllowance allowance, CancellationToken cancellationToken) => JsonFields.Text(item, "type") switch
    {
        null or "message" => await MessageAsync(item, field, allowance, cancellationToken).ConfigureAwait(false),
        "image_generation_call" or "item_reference" => new ChatMessage(ChatRole.Assistant, [Drawn(item, field, client, allowance)]),
        "reasoning" => null,
        _ => throw ApiException.BadRequest($"{field}.type must be message or image_generation_call.", $"{field}.type"),
    };

    private AIContent Drawn(JsonElement item, string field, string client, RequestAllowance allowance)
    {
        allowance.TakePicture();
        if (JsonFields.Text(item, "result") is { } result)
        {
            try
            {
                return ChatMessages.Content(reader.Decode(Convert.FromBase64String(result), $"{field}.result"));
            }
            catch (FormatException)
            {
                throw ApiException.BadRequest($"{field}.result is not base64.", $"{field}.result");
            }
        }

        return JsonFields.Text(item, "id") is { } id && pictures.Find(id, client) is { } kept
            ? ChatMessages.Content(reader.Decode(kept.Data, field))
            : throw ApiException.NotFound($"{field}: the picture is not kept here any more; bring its result.", $"{field}.id");
    }

    private async Task<ChatMessage> MessageAsync(JsonElement item, string field, RequestAllowance allowance, CancellationToken cancellationToken)
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
                    contents.Add(await messages.PictureAsync(JsonFields.Text(part, "image_url"), $"{name}.image_url", allowance, cancellationToken).ConfigureAwait(false));
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
