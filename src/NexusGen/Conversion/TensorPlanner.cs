using System.Collections.Immutable;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Scaled;
using NexusGen.Weights.Quantization;
using static TorchSharp.torch;

namespace NexusGen.Conversion;

/// <summary>Decides how each tensor of a part is stored in the new files.</summary>
/// <param name="type">The storage.</param>
/// <param name="store">The tensors.</param>
/// <param name="isGguf">Whether the new file is GGUF.</param>
/// <param name="keep">Why all tensors stay wide if the type is narrow, or null if only some of them do.</param>
internal sealed class TensorPlanner(StorageType type, ITensorStore store, bool isGguf, string? keep = null)
{
    private const int Small = 1024;

    /// <summary>
    /// Gets what returns changed values in float32 in the place of a stored tensor, by its name in the store; null if nothing
    /// changes.
    /// </summary>
    public Func<string, TensorEntry, Func<Tensor>?> Changed { get; init; } = (_, _) => null;

    /// <summary>Plans one tensor.</summary>
    /// <param name="name">The name in the store.</param>
    /// <param name="newName">The name in the new file.</param>
    public PlannedTensor Plan(string name, string newName) => Plan(name, newName, store.Entries[name].Shape, value => value);

    /// <summary>Plans a tensor that is made from one of the store.</summary>
    /// <param name="name">The name in the store.</param>
    /// <param name="newName">The name in the new file.</param>
    /// <param name="shape">The shape in the new file.</param>
    /// <param name="view">Makes it, without changing the other tensor.</param>
    public PlannedTensor Plan(string name, string newName, ImmutableArray<long> shape, Func<Tensor, Tensor> view)
    {
        TensorEntry entry = store.Entries[name];
        Func<Tensor> open = Changed(name, entry) ?? (() => store.TryMap(entry) ?? store.Read(entry));
        (TensorEncoding encoding, string? wide) = Choose(name, entry, shape);
        return new PlannedTensor(
            newName,
            shape,
            encoding,
            TensorTypes.NameOf(entry),
            entry.ElementCount == 0 ? 0 : (long)((Int128)entry.ByteLength * Count(shape) / entry.ElementCount),
            wide,
            () =>
            {
                using Tensor value = open();
                return view(value).alias();
            });
    }

    private static bool IsFloating(TensorEntry entry) => entry.Blocks is not null
        || entry.Type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16
        || Float8Values.Contains(entry.Type);

    private static long Count(ImmutableArray<long> shape) => shape.Aggregate(1L, (product, side) => product * side);

    private (TensorEncoding Encoding, string? Wide) Choose(string name, TensorEntry entry, ImmutableArray<long> shape)
    {
        if (!IsFloating(entry))
        {
            return !isGguf ? (TensorEncoding.Of(entry.Type), null)
                : GgmlTypes.Find(TensorTypes.NameOf(entry.Type)) is { } integers ? (TensorEncoding.Of(integers), null)
                : throw new WeightException(
                    $"The tensor {entry.Name} in {entry.File} has the type {TensorTypes.NameOf(entry)}, which GGUF has not.");
        }

        // What llama.cpp and ComfyUI expect in float32, whatever the type of the file.
        if (isGguf && (shape.Length <= 1 || Count(shape) <= Small))
        {
            string? reason = type.IsNarrow ? WideRule.Find(name, shape, type.Encoding) : null;
            return (TensorEncoding.Of(ScalarType.Float32), reason ?? "vectors");
        }

        string? wide = type.IsNarrow ? keep ?? WideRule.Find(name, shape, type.Encoding) : null;
        return (wide is null ? type.Encoding : WideOf(entry), wide);
    }

    // As stored, if both the format and the storage allow it. Half precision has more digits than any quantized type.
    private TensorEncoding WideOf(TensorEntry entry)
    {
        bool isPlain = entry.Blocks is null
            && (entry.Type != ScalarType.Float32 || entry.ByteLength == entry.ElementCount * sizeof(float))
            && (!isGguf || entry.Type is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16);
        return TensorEncoding.Of(isPlain && entry.Type != ScalarType.Float64 ? entry.Type : ScalarType.Float16);
    }
}
