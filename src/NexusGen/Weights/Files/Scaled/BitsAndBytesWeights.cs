using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// Reads how bitsandbytes stored a weight of four bits: <c>X.weight.quant_state.bitsandbytes__nf4</c> (or <c>__fp4</c>) is JSON
/// with shape and block sizes, <c>X.weight.absmax</c> and others are its scales and tables.
/// </summary>
internal static class BitsAndBytesWeights
{
    /// <summary>Reads the description of a weight and checks its parts.</summary>
    /// <param name="store">The files.</param>
    /// <param name="state">The tensor with the JSON.</param>
    /// <param name="name">The name of the weight.</param>
    /// <param name="parts">Receives the names of the parts.</param>
    /// <exception cref="WeightFileException">A part is missing or does not fit the others.</exception>
    public static ScaledTensor Read(ITensorStore store, TensorEntry state, string name, HashSet<string> parts)
    {
        TensorEntry codes = Part("");
        State json = Parse(store, state);
        if (json.QuantType is not ("nf4" or "fp4"))
        {
            throw Refuse(codes, $"has the type {json.QuantType} of bitsandbytes, which is not read");
        }

        if (json.Shape is null || !TensorLayout.TryCount(json.Shape, out long count)
            || codes.Type != ScalarType.Byte || codes.ElementCount != count - (count / 2))
        {
            throw Refuse(codes, "does not have half a byte for each value of the shape in its quant_state");
        }

        bool nested = json.NestedBlock is not null;
        TensorEntry scales = Part(".absmax"), table = Part(".quant_map");
        TensorEntry? outer = nested ? Part(".nested_absmax") : null, outerTable = nested ? Part(".nested_quant_map") : null;
        bool fits = json.Block > 0
            && table.ElementCount == 16
            && scales.ElementCount == Blocks(count, json.Block)
            && scales.Type == (nested ? ScalarType.Byte : ScalarType.Float32)
            && (!nested || (json.NestedBlock > 0
                && outerTable!.ElementCount == 256
                && outer!.ElementCount == Blocks(scales.ElementCount, json.NestedBlock.Value)));
        if (!fits)
        {
            throw Refuse(codes, "has tables or scales that don't fit its quant_state");
        }

        parts.UnionWith([state.Name, scales.Name, table.Name]);
        parts.UnionWith(nested ? [outer!.Name, outerTable!.Name] : []);
        return new BitsAndBytes4(codes, ImmutableArray.Create(json.Shape))
        {
            Scales = scales,
            Table = table,
            Block = json.Block,
            NestedScales = outer,
            NestedTable = outerTable,
            NestedBlock = json.NestedBlock ?? 1,
            NestedOffset = json.NestedOffset,
        };

        TensorEntry Part(string suffix) => store.Entries.GetValueOrDefault(name + suffix)
            ?? throw new WeightFileException($"{store.Location} has no tensor {name + suffix}, which belongs to {state.Name}.");
    }

    private static long Blocks(long count, int size) => (count + size - 1) / size;

    private static State Parse(ITensorStore store, TensorEntry state)
    {
        if (state.Type != ScalarType.Byte || state.ByteLength > 1 << 16)
        {
            throw Refuse(state, "is not the JSON of a quant_state");
        }

        using Tensor value = store.Read(state);
        string text = Encoding.UTF8.GetString(value.data<byte>().ToArray());
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            JsonElement root = json.RootElement;
            bool nested = root.TryGetProperty("nested_blocksize", out JsonElement size) && size.ValueKind == JsonValueKind.Number;
            return new State(
                root.GetProperty("quant_type").GetString(),
                [.. root.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64())],
                root.GetProperty("blocksize").GetInt32(),
                nested ? size.GetInt32() : null,
                nested ? root.GetProperty("nested_offset").GetSingle() : 0);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new WeightFileException(
                $"The tensor {state.Name} in {state.File} is not the JSON of a quant_state: {e.Message}", e);
        }
    }

    private static WeightFileException Refuse(TensorEntry entry, string why) =>
        new($"The tensor {entry.Name} in {entry.File} {why}.");

    private sealed record State(string? QuantType, long[] Shape, int Block, int? NestedBlock, float NestedOffset);
}
