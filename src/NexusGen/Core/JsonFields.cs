using System.Globalization;
using System.Text.Json;

namespace NexusGen.Core;

/// <summary>
/// Reads the fields of a JSON configuration file. Errors name the file and the field that is missing or has the wrong kind. A
/// field whose value is null counts as missing.
/// </summary>
internal sealed class JsonFields
{
    private readonly (JsonElement Element, string Place)[] _layers;

    private JsonFields(params (JsonElement Element, string Place)[] layers) => _layers = layers;

    private string Place => _layers[0].Place;

    /// <summary>Opens a file whose root is a JSON object.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="NexusGenException">The file can't be read or is not a JSON object.</exception>
    public static JsonFields Open(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(TextFile.ReadUtf8(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonFields((document.RootElement.Clone(), path))
                : throw new NexusGenException($"{path} is not a JSON object.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"{path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>
    /// Returns fields that may be in this object or in another one, as different versions of a program write them. A field that
    /// is in both must have the same value.
    /// </summary>
    /// <param name="other">The other object, or null for none.</param>
    public JsonFields With(JsonFields? other) => other is null ? this : new JsonFields([.. _layers, .. other._layers]);

    /// <summary>Gets an object.</summary>
    public JsonFields Object(string name) => ObjectIfThere(name) ?? throw Missing(name);

    /// <summary>Gets an object, or null if the field is missing.</summary>
    public JsonFields? ObjectIfThere(string name)
    {
        (JsonElement, string)[] found = [.. _layers.SelectMany(layer => Find(layer.Element, name) switch
        {
            null => ((JsonElement, string)[])[],
            { ValueKind: JsonValueKind.Object } value => [(value, $"{layer.Place}: {name}")],
            { } value => throw new NexusGenException($"{layer.Place}: {name} must be an object, but is {value.GetRawText()}."),
        })];
        return found.Length == 0 ? null : new JsonFields(found);
    }

    /// <summary>Whether a field is there, even if its value is null.</summary>
    /// <param name="name">The name of the field.</param>
    public bool Has(string name) => _layers.Any(layer => layer.Element.TryGetProperty(name, out _));

    /// <summary>
    /// Gets a non-negative integer, or the default if the field is missing. Without a default a missing field is an error.
    /// </summary>
    public int Size(string name, int? otherwise = null) => Find(name) switch
    {
        null => otherwise ?? throw Missing(name),
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) && number >= 0 => number,
        _ => throw Wrong(name, "an integer"),
    };

    /// <summary>Gets a positive integer, or the default if the field is missing.</summary>
    public int Count(string name, int? otherwise = null) =>
        Size(name, otherwise) is > 0 and var number ? number : throw Wrong(name, "at least 1");

    /// <summary>Gets a number, or the default if the field is missing.</summary>
    public double Real(string name, double? otherwise = null) => Find(name) switch
    {
        null => otherwise ?? throw Missing(name),
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        _ => throw Wrong(name, "a number"),
    };

    /// <summary>Gets a boolean, or the default if the field is missing.</summary>
    public bool Flag(string name, bool otherwise) => Find(name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>Checks that a field is a string with one of the supported values. A missing field passes.</summary>
    /// <param name="name">The name of the field.</param>
    /// <param name="known">The supported values.</param>
    public void Check(string name, params string[] known)
    {
        if (Find(name) is { } value && !(value.ValueKind == JsonValueKind.String && known.Contains(value.GetString())))
        {
            throw new NexusGenException(
                $"{Place}: {name} is {value.GetRawText()}, but only {string.Join(" or ", known)} is supported.");
        }
    }

    /// <summary>Gets a list of integers. A single integer counts as a list of one.</summary>
    public IReadOnlyList<int> Sizes(string name) => Numbers(name, null);

    /// <summary>
    /// Gets a list of integers, or the default if the field is missing. A single integer counts as a list of one.
    /// </summary>
    public IReadOnlyList<int> Numbers(string name, IReadOnlyList<int>? otherwise) => Find(name) switch
    {
        null => otherwise ?? throw Missing(name),
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) => [number],
        { ValueKind: JsonValueKind.Array } value
            when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out _)) =>
            [.. value.EnumerateArray().Select(item => item.GetInt32())],
        _ => throw Wrong(name, "a list of integers"),
    };

    /// <summary>Checks that all strings of a list are one of the supported values. A missing field passes.</summary>
    /// <param name="name">The name of the field.</param>
    /// <param name="known">The supported value.</param>
    public void CheckAll(string name, string known)
    {
        if (Find(name) is { } value
            && !(value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueEquals(known))))
        {
            throw new NexusGenException($"{Place}: {name} is {value.GetRawText()}, but only {known} is supported.");
        }
    }

    /// <summary>Checks that a field is a certain number. A missing field passes.</summary>
    /// <param name="name">The name of the field.</param>
    /// <param name="known">The supported value.</param>
    public void Check(string name, double known)
    {
        if (Real(name, known) != known)
        {
            throw new NexusGenException(
                $"{Place}: {name} is {Find(name)!.Value.GetRawText()}, but only {known.ToString(CultureInfo.InvariantCulture)} "
                + "is supported.");
        }
    }

    private static JsonElement? Find(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private JsonElement? Find(string name)
    {
        JsonElement? found = null;
        string place = "";
        foreach ((JsonElement element, string here) in _layers)
        {
            if (Find(element, name) is not { } value)
            {
                continue;
            }

            if (found is { } other && !JsonElement.DeepEquals(other, value))
            {
                throw new NexusGenException(
                    $"{place}: {name} is {other.GetRawText()}, but {here} says {value.GetRawText()}; make them agree.");
            }

            (found, place) = (found ?? value, found is null ? here : place);
        }

        return found;
    }

    private NexusGenException Missing(string name) => new($"{Place} lacks {name}.");

    private NexusGenException Wrong(string name, string expected) =>
        new(Find(name) is { } value
            ? $"{Place}: {name} must be {expected}, but is {value.GetRawText()}."
            : $"{Place} lacks {name}.");
}
