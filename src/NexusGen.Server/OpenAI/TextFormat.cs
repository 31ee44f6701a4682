using System.Text.Json;
using NexusGen.Server.Http;

namespace NexusGen.Server.OpenAI;

/// <summary>Checks the format that a request asks for.</summary>
internal static class TextFormat
{
    /// <summary>Checks a format.</summary>
    /// <param name="format">The format, or null for text.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <exception cref="ApiException">It is not text.</exception>
    public static void Check(JsonElement? format, string field)
    {
        if (format is null or { ValueKind: JsonValueKind.Null })
        {
            return;
        }

        switch (JsonFields.Text(format.Value, "type"))
        {
            case "text":
                return;
            case "json_object" or "json_schema":
                throw ApiException.BadRequest(
                    $"{field}: the model replies in words and can't guarantee JSON; leave the format out, or ask for text.",
                    field);
            default:
                throw ApiException.BadRequest($"{field}.type must be text.", $"{field}.type");
        }
    }
}
