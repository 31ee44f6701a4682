using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// Finds the quantized weights of a store by the names of their parts. What would be read wrongly is refused with the name of the
/// tensor: scales of another shape, formats that are not read, parts without the others.
/// </summary>
internal sealed class ScaledWeights
{
    // Scales of activations and markers.
    private static readonly string[] Ignored = [".input_scale", ".scale_input", ".comfy_quant", "scaled_fp8"];

    // Parts of formats that are not read, with the name of the format.
    private static readonly (string Suffix, string Format)[] Unread =
    [
        (".weight_scale_inv", "fp8 with a scale for each square of weights"),
        (".weight_scale_2", "a format with scales of scales, such as nvfp4"),
        (".weight_global_scale", "a format with scales of scales, such as nvfp4"),
        (".SCB", "int8 of bitsandbytes"),
        (".weight_packed", "packed weights of compressed-tensors"),
    ];

    private readonly ITensorStore _store;
    private readonly Dictionary<string, JsonObject> _comfy;
    private QuantizationConfiguration? _configuration;

    private ScaledWeights(ITensorStore store)
    {
        _store = store;
        _comfy = ComfyQuantization.Read(store);
    }

    /// <summary>Gets the quantized weights by the name of the stored tensor with the numbers.</summary>
    public Dictionary<string, ScaledTensor> Weights { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the names of the stored tensors that are no weights.</summary>
    public HashSet<string> Parts { get; } = new(StringComparer.Ordinal);

    /// <summary>Finds the quantized weights of a store.</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="WeightFileException">They are stored in a form that is not read, or don't fit each other.</exception>
    public static ScaledWeights Find(ITensorStore store)
    {
        try
        {
            var found = new ScaledWeights(store);
            found.FindAll();
            return found;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // A JSON object with one name twice.
            throw new WeightFileException(
                $"{store.Location} declares its quantization in a way that can't be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private void FindAll()
    {
        foreach ((string name, TensorEntry entry) in _store.Entries)
        {
            if (Ignored.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)))
            {
                Parts.Add(name);
            }
            else if (Array.Find(Unread, part => name.EndsWith(part.Suffix, StringComparison.Ordinal)) is { Format: { } format })
            {
                throw Refuse(entry, $"is part of {format}, which is not read; use a file in another format");
            }
            else if (name.EndsWith(".weight_scale", StringComparison.Ordinal))
            {
                AddScaled(entry, name[..^"_scale".Length]);
            }
            else if (name.EndsWith(".scale_weight", StringComparison.Ordinal))
            {
                AddScaled(entry, name[..^"scale_weight".Length] + "weight");
            }
            else if (name.EndsWith(".qweight", StringComparison.Ordinal))
            {
                AddGrouped(entry, name[..^"qweight".Length]);
            }
            else if (name.IndexOf(".quant_state.bitsandbytes__", StringComparison.Ordinal) is > 0 and int end)
            {
                Weights.Add(name[..end], BitsAndBytesWeights.Read(_store, entry, name[..end], Parts));
            }
        }

        foreach ((string name, TensorEntry entry) in _store.Entries)
        {
            CheckUnscaled(name, entry);
        }
    }

    private void AddScaled(TensorEntry scale, string weightName)
    {
        Parts.Add(scale.Name);
        TensorEntry weight = _store.Entries.GetValueOrDefault(weightName)
            ?? throw Refuse(scale, $"is the scale of {weightName}, which is missing");
        JsonObject? comfy = Declaration(weightName);
        string? format = ComfyQuantization.Format(comfy);
        bool isInt8 = weight.Type == ScalarType.Int8;
        if (isInt8 && format is null)
        {
            throw Unclear(weight);
        }

        string? expected = isInt8 ? "int8_tensorwise" : weight.Type switch
        {
            TensorTypes.Float8E4M3 => "float8_e4m3fn",
            TensorTypes.Float8E5M2 => "float8_e5m2",
            _ => throw Refuse(weight, format is null
                ? $"has the type {TensorTypes.NameOf(weight)} and a scale, which is not read"
                : $"has the format {format}, which is not read; use a file in another format"),
        };
        if (format is not null && format != expected)
        {
            throw Refuse(weight, $"has the format {format} and the type {TensorTypes.NameOf(weight)}, which is not read");
        }

        bool isOne = scale.ElementCount == 1 && scale.Shape.Length <= 1;
        bool isRows = weight.Shape.Length == 2 && scale.Shape.AsSpan().SequenceEqual([weight.Shape[0], 1]);
        if (scale.Type is not (ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float64)
            || !(isOne || isRows))
        {
            throw Refuse(
                scale,
                $"has the shape {TensorLayout.Format(scale.Shape)} and the type {TensorTypes.NameOf(scale)}; one scale for the "
                + $"weight or one for each of its rows is read, not scales of parts of {TensorLayout.Format(weight.Shape)}");
        }

        int group = comfy is null || weight.Shape.IsEmpty ? 1 : ComfyQuantization.RotatedGroup(comfy, weight);
        if (group > 1 && !isInt8)
        {
            throw Refuse(weight, "is rotated (convrot) and not int8, which is not read");
        }

        if (isInt8 && weight.Shape.Length != 2)
        {
            throw Refuse(weight, $"has the shape {TensorLayout.Format(weight.Shape)}; int8 is read for matrices");
        }

        if (!Weights.TryAdd(weightName, isInt8 ? new ScaledInt8(weight, scale, group) : new ScaledFloat8(weight, scale)))
        {
            throw Refuse(weight, "has two scales");
        }
    }

    private void AddGrouped(TensorEntry words, string prefix)
    {
        QuantizationConfiguration configuration = _configuration ??= QuantizationConfiguration.Read(words.File);
        Weights.Add(words.Name, GroupedWeights.Read(_store, words, prefix, configuration, Parts));
    }

    // A weight of small numbers without a scale would be read as the numbers themselves.
    private void CheckUnscaled(string name, TensorEntry entry)
    {
        if (Weights.ContainsKey(name) || Parts.Contains(name))
        {
            return;
        }

        bool isWeight = name.EndsWith(".weight", StringComparison.Ordinal);
        if (isWeight && ComfyQuantization.Format(Declaration(name)) is { } format
            && !(Float8Values.Contains(entry.Type) && format is "float8_e4m3fn" or "float8_e5m2"))
        {
            throw Refuse(entry, $"has the format {format} but no scale");
        }

        if (isWeight && entry.Type == ScalarType.Int8)
        {
            throw Unclear(entry);
        }

        if (isWeight && entry.Type == ScalarType.Byte)
        {
            throw Refuse(entry, "has the type U8 and nothing that says what its bytes mean");
        }

        foreach (string part in (string[])[".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", ".qzeros", ".g_idx"])
        {
            if (name.EndsWith(part, StringComparison.Ordinal))
            {
                throw Refuse(entry, "is part of a quantized weight whose other parts are missing");
            }
        }
    }

    // The names in the metadata of the file may lack the prefix of the transformer.
    private JsonObject? Declaration(string weightName)
    {
        string layer = weightName[..^".weight".Length];
        return _comfy.GetValueOrDefault(layer)
            ?? _comfy.GetValueOrDefault(WrapperNames.RemoveDiffusionModel(layer));
    }

    private static WeightFileException Unclear(TensorEntry weight) => Refuse(
        weight,
        "has the type I8 and no .comfy_quant that says how it is quantized (its rows may be rotated); use a file in another "
        + "format");

    private static WeightFileException Refuse(TensorEntry entry, string why) =>
        new($"The tensor {entry.Name} in {entry.File} {why}.");
}
