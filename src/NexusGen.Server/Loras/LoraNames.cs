using System.Globalization;
using System.Text.Json;
using NexusGen.Requests;
using NexusGen.Server.Http;

namespace NexusGen.Server.Loras;

/// <summary>The LoRAs that requests can name, at one moment.</summary>
/// <param name="all">The LoRAs of the folder, also those that can't be used.</param>
internal sealed class LoraNames(IReadOnlyList<LoraEntry> all)
{
    private const double MaxStrength = 100;
    private const int MaxLoras = 16;
    private const int MaxTold = 20;

    // Of a text: far more than the LoRAs of a request, as names can contain the sign.
    private const int MaxParts = 64;

    private const int MaxLength = 4096;

    private const char And = '+';

    private readonly Dictionary<string, LoraEntry> _all = all.ToDictionary(entry => entry.Name, StringComparer.Ordinal);

    /// <summary>Gets the names of a server without a folder.</summary>
    public static LoraNames None { get; } = new([]);

    /// <summary>Gets the LoRAs that can be used.</summary>
    public IReadOnlyList<LoraEntry> Entries { get; } = [.. all.Where(entry => entry.Problem is null)];

    /// <summary>Lists the names for messages: the first ones, and how many more there are.</summary>
    /// <param name="prefix">What is written before each name.</param>
    public string List(string prefix = "")
    {
        string names = string.Join(", ", Entries.Take(MaxTold).Select(entry => prefix + entry.Name));
        return Entries.Count > MaxTold ? $"{names} and {Entries.Count - MaxTold} more" : names;
    }

    /// <summary>Reads the field <c>loras</c>: a list of objects and texts, or one text.</summary>
    /// <param name="value">The field, or null.</param>
    /// <param name="field">Its name, for messages.</param>
    /// <exception cref="ApiException">It is of another kind, or names an unknown LoRA or an invalid strength.</exception>
    public IReadOnlyList<NamedLora> Read(JsonElement? value, string field) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.String } text => Read(JsonFields.Text(text), field),
        { ValueKind: JsonValueKind.Array } list =>
            [.. list.EnumerateArray().Take(MaxLoras + 1).SelectMany((item, i) => ReadItem(item, $"{field}[{i}]"))],
        _ => throw Malformed(field),
    };

    /// <summary>Reads a text like <c>style=0.8</c> of the field <c>loras</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <exception cref="ApiException">It names an unknown LoRA or an invalid strength.</exception>
    public IReadOnlyList<NamedLora> Read(string text, string field) => Read(text, field, Unknown(field));

    /// <summary>
    /// Reads a text like <c>style=0.8+other</c>. Names can contain both signs: the text is split so that as many of its first
    /// characters as possible are one LoRA.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <param name="unknown">The error of an unknown name.</param>
    /// <exception cref="ApiException">It names an unknown LoRA or an invalid strength.</exception>
    public IReadOnlyList<NamedLora> Read(string text, string field, ApiException unknown) =>
        text.Length <= MaxLength ? Split(text, And) ?? throw Wrong(text, field, unknown) : throw unknown;

    /// <summary>
    /// Returns those LoRAs of a saved image's parameters that there are: <c>style=0.8, other=1</c>, or with the names of files,
    /// as the command line writes them.
    /// </summary>
    /// <param name="text">The parameter.</param>
    public IReadOnlyList<NamedLora> Known(string text) =>
    [
        .. text.Replace(".safetensors=", "=", StringComparison.OrdinalIgnoreCase).Split(", ").Take(MaxLoras)
            .Select(One).OfType<NamedLora>(),
    ];

    /// <summary>Splits a text into LoRAs, or returns null if a part of it is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="separator">What is between two LoRAs.</param>
    public IReadOnlyList<NamedLora>? Split(string text, char separator)
    {
        string[] parts = text.Split(separator);
        if (parts.Length > MaxParts)
        {
            return null;
        }

        // From the end: what begins at a part is a LoRA and what follows it.
        var from = new (NamedLora Lora, int Next)?[parts.Length];
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            for (int end = parts.Length; end > i && from[i] is null; end--)
            {
                if ((end == parts.Length || from[end] is not null) && One(string.Join(separator, parts[i..end])) is { } lora)
                {
                    from[i] = (lora, end);
                }
            }
        }

        List<NamedLora> result = [];
        for (int i = 0; i < parts.Length; i = from[i]!.Value.Next)
        {
            if (from[i] is not { } found)
            {
                return null;
            }

            result.Add(found.Lora);
        }

        return result;
    }

    /// <summary>
    /// Returns what a request with some LoRAs is computed with. One that is named several times counts with the sum.
    /// </summary>
    /// <param name="loras">The LoRAs.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <exception cref="ApiException">A LoRA is unknown or can't be used, or they are too many.</exception>
    public LoraSelection Select(IEnumerable<NamedLora> loras, string field)
    {
        NamedLora[] joined =
        [
            .. loras.GroupBy(lora => lora.Name, StringComparer.Ordinal)
                .Select(same => new NamedLora(same.Key, same.Sum(lora => lora.Strength))),
        ];
        if (joined.Length > MaxLoras)
        {
            throw ApiException.BadRequest($"{field} names more than {MaxLoras} LoRAs, the most that are taken.", field);
        }

        List<LoraSettings> reply = [], images = [];
        foreach (NamedLora lora in joined)
        {
            LoraEntry entry = _all.GetValueOrDefault(lora.Name) ?? throw Unknown(field);
            if (entry.Problem is { } problem)
            {
                throw ApiException.BadRequest(
                    $"The LoRA {entry.Name} can't be used: {problem}", field, ErrorTranslation.LoraUnusable);
            }

            (entry.IsForLanguageModel ? reply : images).Add(new LoraSettings(entry.Path, lora.Strength));
        }

        return new LoraSelection(joined, reply, images);
    }

    private ApiException Unknown(string field) => ApiException.NotFound(
        Entries.Count == 0 ? "This server has no LoRAs." : $"There is no such LoRA here; this server has {List()}.",
        field,
        "model_not_found");

    private static ApiException Malformed(string field) => ApiException.BadRequest(
        $"{field} must be a list like [{{\"name\": \"style\", \"strength\": 0.8}}] or [\"style=0.8\"].", field);

    private static ApiException BadStrength(string field, string name) => ApiException.BadRequest(
        $"{field}: the strength of the LoRA {name} must be a number from -{MaxStrength} to {MaxStrength}.", field);

    private IReadOnlyList<NamedLora> ReadItem(JsonElement item, string field)
    {
        if (item.ValueKind == JsonValueKind.String)
        {
            return Read(JsonFields.Text(item), field);
        }

        if (JsonFields.Text(item, "name") is not { } name)
        {
            throw Malformed(field);
        }

        if (!_all.ContainsKey(name))
        {
            throw Unknown(field);
        }

        return JsonFields.Find(item, "strength") switch
        {
            null or { ValueKind: JsonValueKind.Null } => [new NamedLora(name, 1)],
            { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out double strength) && IsStrength(strength) =>
                [new NamedLora(name, strength)],
            _ => throw BadStrength(field, name),
        };
    }

    // A LoRA that has the whole text as its name comes first; otherwise, the last = parts the name from the strength.
    private NamedLora? One(string text)
    {
        text = _all.ContainsKey(text) ? text : text.Trim();
        if (_all.ContainsKey(text))
        {
            return new NamedLora(text, 1);
        }

        int at = text.LastIndexOf('=');
        return at > 0
            && _all.ContainsKey(text[..at])
            && double.TryParse(text[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double strength)
            && IsStrength(strength)
            ? new NamedLora(text[..at], strength)
            : null;
    }

    private static bool IsStrength(double strength) => Math.Abs(strength) <= MaxStrength;

    private ApiException Wrong(string text, string field, ApiException unknown)
    {
        string? name = text.Split(And).Select(part => part.Trim()).Where(part => One(part) is null)
            .Select(part => part.LastIndexOf('=') is > 0 and var at ? part[..at] : null)
            .FirstOrDefault(name => name is not null && _all.ContainsKey(name));
        return name is null ? unknown : BadStrength(field, name);
    }
}
