using System.Text.Json;

namespace NexusGen.Training.Data;

/// <summary>The fields of a JSON object that have several names in use. Null counts as missing.</summary>
/// <param name="element">The object.</param>
internal readonly struct RecordFields(JsonElement element)
{
    /// <summary>Finds a field.</summary>
    /// <param name="names">The names, the preferred one first.</param>
    /// <exception cref="InvalidOperationException">The element is not an object.</exception>
    public JsonElement? Find(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Finds a string.</summary>
    /// <inheritdoc cref="Find"/>
    public string? Text(params ReadOnlySpan<string> names) => Find(names)?.GetString();
}
