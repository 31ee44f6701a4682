using System.Text.Json;

namespace NexusGen.Server.Http;

/// <summary>Reads fields of JSON whose shape varies.</summary>
internal static class JsonFields
{
    /// <summary>Returns the string of a field, or null if there is none.</summary>
    /// <exception cref="ApiException">The text is not valid Unicode.</exception>
    public static string? Text(JsonElement value, string name) =>
        Find(value, name) is { ValueKind: JsonValueKind.String } text ? Text(text) : null;

    /// <summary>Returns a field, or null if the value is not an object or doesn't have it.</summary>
    /// <exception cref="ApiException">
    /// The name of a field is not valid Unicode, which is only detected by comparing it.
    /// </exception>
    public static JsonElement? Find(JsonElement value, string name)
    {
        try
        {
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement found) ? found : null;
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode();
        }
    }

    /// <summary>Returns the value of a JSON string.</summary>
    /// <exception cref="ApiException">The text is not valid Unicode, which is only detected by converting it.</exception>
    public static string Text(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode();
        }
    }

    private static ApiException NotUnicode() => ApiException.BadRequest("The body holds text that is not valid Unicode.");
}
