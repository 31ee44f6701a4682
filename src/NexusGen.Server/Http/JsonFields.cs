using System.Text.Json;

namespace NexusGen.Server.Http;

/// <summary>Texts within JSON of several shapes.</summary>
internal static class JsonFields
{
    /// <summary>A field's text; null where the field isn't there or is none.</summary>
    /// <exception cref="ApiException">The text is not valid Unicode.</exception>
    public static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? Text(text) : null;

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
            throw ApiException.BadRequest("The body holds text that is not valid Unicode.");
        }
    }
}
