using System.Text.Json;

namespace NexusGen.Core;

/// <summary>The fields of a configuration file, each read with its name in the error where it is missing or of another kind.</summary>
internal sealed class JsonFields
{
    private readonly JsonElement _element;
    private readonly string _place;

    private JsonFields(JsonElement element, string place)
    {
        _element = element;
        _place = place;
    }

    /// <summary>Reads a file.</summary>
    public static JsonFields Open(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonFields(document.RootElement.Clone(), path)
                : throw new NexusGenException($"{path} is not a JSON object.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"{path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>A field that is an object.</summary>
    public JsonFields Object(string name) =>
        Find(name) is { ValueKind: JsonValueKind.Object } value ? new JsonFields(value, $"{_place}: {name}") : throw Wrong(name, "an object");

    /// <summary>A whole number that is not negative.</summary>
    public int Size(string name, int? otherwise = null) => Find(name) switch
    {
        null => otherwise ?? throw Missing(name),
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) && number >= 0 => number,
        _ => throw Wrong(name, "a whole number"),
    };

    /// <summary>A whole number that is at least 1.</summary>
    public int Count(string name, int? otherwise = null) =>
        Size(name, otherwise) is > 0 and var number ? number : throw Wrong(name, "at least 1");

    /// <summary>A number.</summary>
    public double Real(string name, double? otherwise = null) => Find(name) switch
    {
        null => otherwise ?? throw Missing(name),
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        _ => throw Wrong(name, "a number"),
    };

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool otherwise) => Find(name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>A text that must be one that is known here; nothing is checked where the field is missing.</summary>
    /// <param name="name">The field.</param>
    /// <param name="known">What it may say.</param>
    public void Check(string name, params string[] known)
    {
        if (Find(name) is { } value && !(value.ValueKind == JsonValueKind.String && known.Contains(value.GetString())))
        {
            throw new NexusGenException($"{_place}: {name} is {value.GetRawText()}, but only {string.Join(" or ", known)} can be computed here.");
        }
    }

    /// <summary>Whole numbers.</summary>
    public IReadOnlyList<int> Sizes(string name) => Numbers(name, null);

    /// <summary>Whole numbers, or others where the field is missing; a single one counts as a list.</summary>
    public IReadOnlyList<int> Numbers(string name, IReadOnlyList<int>? otherwise) => Find(name) switch
    {
        null => otherwise ?? throw Missing(name),
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) => [number],
        { ValueKind: JsonValueKind.Array } value when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out _)) =>
            [.. value.EnumerateArray().Select(item => item.GetInt32())],
        _ => throw Wrong(name, "a list of whole numbers"),
    };

    private JsonElement? Find(string name) =>
        _element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private NexusGenException Missing(string name) => new($"{_place} lacks {name}.");

    private NexusGenException Wrong(string name, string expected) =>
        new(Find(name) is { } value ? $"{_place}: {name} must be {expected}, but is {value.GetRawText()}." : $"{_place} lacks {name}.");
}
