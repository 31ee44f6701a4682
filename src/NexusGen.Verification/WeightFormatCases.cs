using System.Text.Json.Nodes;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Torch.Native;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Gguf;
using NexusGen.Weights.Quantization;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>
/// The kinds of cases about weight files of other tools: what their tensors mean, and what values become when they are quantized.
/// The files are read as those of a model are. A refusal is a result.
/// </summary>
internal static class WeightFormatCases
{
    /// <summary>Gets the computation of each kind.</summary>
    public static IReadOnlyDictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>> Computations { get; } =
        new Dictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>>
        {
            ["awq-weights"] = (reference, models) => Widen(reference, models.Options.MapFiles),
            ["fp8-weights"] = (reference, models) => Widen(reference, models.Options.MapFiles),
            ["gguf-dequantize"] = (reference, models) => Dequantize(reference, models.Options.MapFiles),
            ["gguf-model"] = (reference, models) => Model(reference, models.Options.MapFiles),
            ["gguf-quantize"] = (reference, _) => Quantize(reference),
            ["gptq-weights"] = (reference, models) => Widen(reference, models.Options.MapFiles),
            ["int8-weights"] = (reference, models) => Widen(reference, models.Options.MapFiles),
            ["nf4-weights"] = (reference, models) => Widen(reference, models.Options.MapFiles),
        };

    private static CaseOutput Dequantize(ReferenceCase reference, bool map)
    {
        string path = reference.PathOf(reference.Value<string>("file"));
        var output = new CaseOutput();
        using (ITensorStore store = TensorStore.Open(path, map))
        {
            AddAll(output, store);
            output.Add("types", new JsonObject(store.Entries.Select(pair =>
                KeyValuePair.Create(pair.Key, (JsonNode?)TensorTypes.NameOf(pair.Value)))));
        }

        return output.Add("metadata", Metadata(path));
    }

    private static CaseOutput Model(ReferenceCase reference, bool map)
    {
        var output = new CaseOutput();
        if (reference.Input["file"] is { } file)
        {
            string path = reference.PathOf(file.GetValue<string>());
            using ITensorStore flux = TensorStore.OpenModel(path, map);
            AddAll(output, flux);
            return output.Add("metadata", Metadata(path));
        }

        string text = reference.PathOf(reference.Value<string>("text"));
        string vision = reference.PathOf(reference.Value<string>("mmproj"));
        using ITensorStore pair = LlamaFiles.Join(text, [TensorStore.Open(text, map), TensorStore.Open(vision, map)]);
        AddAll(output, pair);
        return output.Add("metadata", new JsonObject { ["text"] = Metadata(text), ["mmproj"] = Metadata(vision) });
    }

    private static CaseOutput Widen(ReferenceCase reference, bool map)
    {
        using ITensorStore store = RenamedStore.Of(
            TensorStore.OpenModel(reference.PathOf(reference.Value<string>("file")), map), LanguageModelNames.Official);
        var output = new CaseOutput();
        AddAll(output, store);
        return output;
    }

    private static unsafe CaseOutput Quantize(ReferenceCase reference)
    {
        var output = new CaseOutput();
        foreach (string name in reference.Value<string[]>("quantise"))
        {
            int dot = name.LastIndexOf('.');
            GgmlType? type = GgmlTypes.Find(name[(dot + 1)..]);
            if (type?.Quantize is not { } quantize)
            {
                throw new NexusGenException($"Values can't be quantized to {name[(dot + 1)..]}.");
            }

            using Tensor values = reference.Tensor(name[..dot]).to(ScalarType.Float32).contiguous();
            long count = values.NumberOfElements;
            long length = type.Blocks is { } blocks
                ? count / blocks.Values * blocks.Bytes
                : count * TensorTypes.SizeOf(type.Plain!.Value);
            Tensor bytes = empty([length], ScalarType.Byte);
            quantize(
                new ReadOnlySpan<float>(NativeTensors.Data(values), (int)count),
                new Span<byte>(NativeTensors.Data(bytes), (int)length));
            output.Add(name, bytes);
        }

        return output;
    }

    private static void AddAll(CaseOutput output, ITensorStore store)
    {
        foreach ((string name, TensorEntry entry) in store.Entries)
        {
            output.Add(name, store.Read(entry, ScalarType.Float32));
        }
    }

    private static JsonObject Metadata(string path)
    {
        using WeightFile file = WeightFile.Open(path);
        return new JsonObject(GgufHeader.Read(file).Metadata
            .Select(pair => KeyValuePair.Create(pair.Key, GgufJson.Of(pair.Value))));
    }
}
