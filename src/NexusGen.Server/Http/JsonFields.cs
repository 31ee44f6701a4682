using System.Text.Json;

namespace NexusGen.Server.Http;

/// <summary>Texts within JSON of several shapes.</summary>
internal static class JsonFields
{
    /// <summary>A field's text; null where the field isn't there or is none.</summary>
    /// <exception cref="ApiException">The text is not valid Unicode.</exception>
    public static string? Text(JsonElement value, string name) =>
        Find(value, name) is { ValueKind: JsonValueKind.String } text ? Text(text) : null;

    /// <summary>A field; null where it isn't there or this is no object.</summary>
    /// <exception cref="ApiException">A field's name is not valid Unicode, which is only found where it is compared.</exception>
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

    /// <summary>A text.</summary>
    /// <exception cref="ApiException">It is not valid Unicode, which is only found where it becomes a string.</exception>
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
