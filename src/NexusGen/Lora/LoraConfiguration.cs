using System.Text.Json;
using System.Text.RegularExpressions;
using NexusGen.Core;

namespace NexusGen.Lora;

/// <summary>
/// What PEFT stores beside the tensors of an adapter: <c>adapter_config.json</c>, or the header entry
/// <c>lora_adapter_metadata</c> that diffusers writes. It has the ranks and the scales.
/// </summary>
internal sealed class LoraConfiguration
{
    private const string MetadataPrefix = "transformer.";

    // These change the model's own weights when an adapter is created, so the adapter does not fit the original ones.
    private static readonly string[] OtherBases = ["pissa", "olora", "corda", "loftq"];
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private readonly string _place;
    private readonly IReadOnlyDictionary<string, JsonElement> _fields;
    private readonly int _rank;
    private readonly double _alpha;
    private readonly IReadOnlyList<(Regex Name, double Value)> _ranks;
    private readonly IReadOnlyList<(Regex Name, double Value)> _alphas;
    private readonly bool _rankStabilized;

    private LoraConfiguration(string place, IReadOnlyDictionary<string, JsonElement> fields)
    {
        (_place, _fields) = (place, fields);
        if (Text("peft_type") is { } type && !type.Equals("LORA", StringComparison.OrdinalIgnoreCase))
        {
            throw new NexusGenException($"{place}: peft_type is {type}, but only LORA is supported.");
        }

        if (Text("init_lora_weights") is { } start
            && OtherBases.Any(other => start.StartsWith(other, StringComparison.OrdinalIgnoreCase)))
        {
            throw new NexusGenException(
                $"{place}: init_lora_weights is {start}, which changes the model's own weights; convert the adapter to a plain "
                + "LoRA with PEFT first.");
        }

        foreach (string field in (string[])["fan_in_fan_out", "layer_replication", "use_qalora", "alora_invocation_tokens"])
        {
            if (fields.TryGetValue(field, out JsonElement value)
                && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
            {
                throw new NexusGenException($"{place}: {field} is {value.GetRawText()}, which is not supported.");
            }
        }

        _rank = Number("r", 8) is var rank && rank is >= 1 and <= int.MaxValue && rank == Math.Floor(rank)
            ? (int)rank
            : throw new NexusGenException($"{place}: r is {rank}, but a rank must be an integer of at least 1.");
        _alpha = Number("lora_alpha", 8);
        _ranks = Pattern("rank_pattern");
        _alphas = Pattern("alpha_pattern");
        _rankStabilized = Flag("use_rslora");
        HasMagnitudes = Flag("use_dora");
        SavedModules = Texts("modules_to_save");
    }

    /// <summary>Gets whether the adapter has magnitudes (DoRA).</summary>
    public bool HasMagnitudes { get; }

    /// <summary>Gets the names, or ends of names, of the modules that the adapter stores as a whole.</summary>
    public IReadOnlyList<string> SavedModules { get; }

    /// <summary>Reads <c>adapter_config.json</c>.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="NexusGenException">The file can't be read, or says what is not supported.</exception>
    public static LoraConfiguration Read(string path)
    {
        try
        {
            return Parse(path, TextFile.ReadUtf8(path), "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"{path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the header entry of diffusers' files.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="json">The entry.</param>
    /// <returns>The configuration, or null if the entry is about other models than the transformer.</returns>
    /// <exception cref="NexusGenException">The entry is malformed, or says what is not supported.</exception>
    public static LoraConfiguration? OfMetadata(string file, string json)
    {
        LoraConfiguration read = Parse(
            $"{file} (lora_adapter_metadata)", System.Text.Encoding.UTF8.GetBytes(json), MetadataPrefix);
        return read._fields.Count == 0 ? null : read;
    }

    /// <summary>Computes the scale of a module.</summary>
    /// <param name="module">The name of the module in the file.</param>
    /// <param name="key">The name of one of its tensors, for messages.</param>
    /// <param name="rank">The rank of its tensors.</param>
    /// <exception cref="NexusGenException">The configuration has another rank for the module.</exception>
    public double ScaleOf(string module, string key, long rank)
    {
        double expected = Find(_ranks, module) ?? _rank;
        if (expected != rank)
        {
            throw new NexusGenException($"{_place} gives the rank {expected} to {key}, but the tensor has {rank}.");
        }

        double alpha = Find(_alphas, module) ?? _alpha;
        return alpha / (_rankStabilized ? Math.Sqrt(rank) : rank);
    }

    /// <summary>Whether the adapter stores a module as a whole.</summary>
    /// <param name="module">The name of the module in the file.</param>
    public bool Saves(string module) => SavedModules.Any(saved =>
        module == saved || module.EndsWith("." + saved, StringComparison.Ordinal));

    private static LoraConfiguration Parse(string place, ReadOnlyMemory<byte> json, string prefix)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new LoraConfiguration(
                    place,
                    document.RootElement.EnumerateObject()
                        .Where(field => field.Name.StartsWith(prefix, StringComparison.Ordinal))
                        .GroupBy(field => field.Name[prefix.Length..])
                        .ToDictionary(fields => fields.Key, fields => fields.Last().Value.Clone()))
                : throw new NexusGenException($"{place} is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw new NexusGenException($"{place} is not JSON: {e.Message}", e);
        }
    }

    // The names of a module with and without the parts that versions of transformers and PEFT put before it.
    private static IEnumerable<string> NamesOf(string module)
    {
        string bare = module.StartsWith("base_model.model.", StringComparison.Ordinal)
            ? module["base_model.model.".Length..]
            : module;
        yield return bare;
        foreach ((string one, string other) in ((string, string)[])
            [("model.language_model.", "model."), ("model.visual.", "visual."), ("transformer.", "")])
        {
            if (bare.StartsWith(one, StringComparison.Ordinal))
            {
                yield return other + bare[one.Length..];
            }
            else if (other.Length > 0 && bare.StartsWith(other, StringComparison.Ordinal))
            {
                yield return one + bare[other.Length..];
            }
        }
    }

    private double? Find(IReadOnlyList<(Regex Name, double Value)> pattern, string module)
    {
        try
        {
            foreach ((Regex name, double value) in pattern)
            {
                if (NamesOf(module).Any(name.IsMatch))
                {
                    return value;
                }
            }

            return null;
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new NexusGenException($"{_place}: the pattern {e.Pattern} takes too long to match {module}.", e);
        }
    }

    private IReadOnlyList<(Regex Name, double Value)> Pattern(string field)
    {
        if (!_fields.TryGetValue(field, out JsonElement table) || table.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (table.ValueKind != JsonValueKind.Object)
        {
            throw new NexusGenException($"{_place}: {field} must be an object, but is {table.GetRawText()}.");
        }

        List<(Regex, double)> result = [];
        foreach (JsonProperty entry in table.EnumerateObject())
        {
            try
            {
                // As PEFT has it: the pattern is the whole name of a module or its end after a dot.
                var name = new Regex($@"^(.*\.)?({entry.Name})$", RegexOptions.CultureInvariant, PatternTimeout);
                result.Add((name, Number(entry.Value, $"{field}: {entry.Name}")));
            }
            catch (ArgumentException e)
            {
                throw new NexusGenException($"{_place}: {field} has {entry.Name}, which is not a regular expression.", e);
            }
        }

        return result;
    }

    private string? Text(string field) =>
        _fields.TryGetValue(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private bool Flag(string field) => _fields.TryGetValue(field, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private double Number(string field, double otherwise) =>
        _fields.TryGetValue(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? Number(value, field)
            : otherwise;

    private double Number(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw new NexusGenException($"{_place}: {name} must be a number, but is {value.GetRawText()}.");

    private IReadOnlyList<string> Texts(string field) =>
        _fields.TryGetValue(field, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];
}
