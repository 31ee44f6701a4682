using System.Collections.Immutable;
using System.Globalization;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>
/// Resolves the storages and tensors of a PyTorch pickle to byte ranges in the archive. It follows <c>torch/_utils.py</c> and
/// <c>torch/serialization.py</c>, and checks that no tensor reaches outside of its storage.
/// </summary>
/// <param name="file">The path of the archive, used in messages.</param>
/// <param name="prefix">The top folder inside the archive, with its slash.</param>
/// <param name="entries">The entries of the archive.</param>
internal sealed class TorchObjects(string file, string prefix, IReadOnlyDictionary<string, ZipEntry> entries)
{
    /// <summary>Resolves a persistent id to a storage.</summary>
    /// <param name="id">The tuple <c>("storage", type, key, device, number of elements)</c>.</param>
    /// <exception cref="WeightFileException">The id is something else, or the archive lacks the storage.</exception>
    public PickledStorage Storage(object? id)
    {
        if (id is not object?[] parts
            || parts is not
                ["storage", PickleGlobal { Kind: PickleGlobalKind.Storage, Type: { } type }, string key, string, long count])
        {
            throw Refuse("has a persistent id that is not a storage");
        }

        if (!entries.TryGetValue($"{prefix}data/{key}", out ZipEntry data))
        {
            throw Refuse($"refers to the storage {key}, which the archive does not contain");
        }

        int size = TensorTypes.SizeOf(type);
        return count >= 0 && count <= long.MaxValue / size && count * size == data.Length
            ? new PickledStorage(type, count, data)
            : throw Refuse(
                $"declares {count} elements of {TensorTypes.NameOf(type)} for the storage {key}, but the archive has "
                + $"{data.Length} bytes of it");
    }

    /// <summary>Evaluates a call of one of the allowed functions.</summary>
    /// <param name="function">The function.</param>
    /// <param name="arguments">The arguments of the call.</param>
    /// <exception cref="WeightFileException">The arguments are not those of the function.</exception>
    public object Call(PickleGlobal function, object?[] arguments) => (function.Kind, arguments) switch
    {
        (PickleGlobalKind.Size, [object?[] or List<object?>]) => Numbers(arguments[0]).Cast<object?>().ToArray(),
        (PickleGlobalKind.Tensor, [PickledStorage storage, long offset, var shape, var strides, bool, _, ..])
            when arguments.Length <= 7 =>
            Tensor(storage, storage.Type, offset, shape, strides),
        (PickleGlobalKind.TypedTensor, [PickledStorage storage, long offset, var shape, var strides, bool, _,
            PickleGlobal { Kind: PickleGlobalKind.ElementType, Type: { } type }, ..]) when arguments.Length <= 8 =>
            Tensor(storage, type, offset, shape, strides),
        (PickleGlobalKind.Parameter, [PickledTensor tensor, bool, _]) => tensor,
        _ => throw Refuse($"calls {function.Name} with unsupported arguments"),
    };

    private PickledTensor Tensor(PickledStorage storage, ScalarType type, long offset, object? shapeValue, object? strideValue)
    {
        long[] shape = Numbers(shapeValue);
        long[] strides = Numbers(strideValue);
        int size = TensorTypes.SizeOf(type);
        long available = storage.Data.Length / size;
        ImmutableArray<long> sides = [.. shape];
        if (!TensorLayout.TryCount(shape, out long count) || count > long.MaxValue / size)
        {
            throw Refuse($"has a tensor of the shape {TensorLayout.Format(sides)}, which exceeds all limits");
        }

        long extent = TensorLayout.Extent(shape, strides);
        if (offset < 0 || extent < 0 || offset > available || extent > available - offset)
        {
            throw Refuse(
                $"has a tensor {TensorLayout.Format(sides)} with strides [{string.Join(", ", strides)}] at {offset} that "
                + $"exceeds its storage of {available} elements");
        }

        if (count > available)
        {
            throw Refuse($"has a tensor {TensorLayout.Format(sides)} that repeats the {available} elements of its storage");
        }

        bool contiguous = TensorLayout.IsContiguous(shape, strides);
        return new PickledTensor(
            type,
            sides,
            contiguous ? default : [.. strides],
            storage.Data.Offset + (offset * size),
            (contiguous ? count : extent) * size);
    }

    private long[] Numbers(object? value)
    {
        IReadOnlyList<object?> items = value switch
        {
            object?[] tuple => tuple,
            List<object?> list => list,
            _ => throw Refuse("has a tensor whose shape or strides are not a tuple"),
        };
        if (items.Count > TensorLayout.MaxRank)
        {
            throw Refuse(
                $"has a tensor with {items.Count.ToString(CultureInfo.InvariantCulture)} sides; {TensorLayout.MaxRank} are "
                + "the most");
        }

        return [.. items.Select(item => item is long number
            ? number
            : throw Refuse("has a tensor whose shape or strides are not integers"))];
    }

    private WeightFileException Refuse(string what) => new($"The archive {file} contains a pickle that {what}.");
}
