using NexusGen.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>
/// Weights from files, under a prefix. They are memory-mapped if that is possible and allowed; otherwise, read into new memory.
/// </summary>
/// <param name="store">The files.</param>
/// <param name="prefix">The prefix of the model's names in the files, with its last dot; may be empty.</param>
/// <param name="map">
/// Whether tensors may use the memory-mapped file. Such memory belongs to the page cache; blocks that are streamed are read into
/// separate memory instead, so that unloading one frees its bytes.
/// </param>
internal sealed class StoredWeights(ITensorStore store, string prefix = "", bool map = true) : IWeightProvider
{
    /// <inheritdoc/>
    public bool Contains(string name) => store.Entries.ContainsKey(prefix + name);

    /// <inheritdoc/>
    public Tensor Provide(in WeightRequest request)
    {
        TensorEntry entry = Find(request);
        NativeRuntime.EnsureLoaded();
        bool fits = map && request.Device.type == DeviceType.CPU && entry.Type == request.Type;
        Tensor value = (fits ? store.TryMap(entry) : null) ?? store.Read(entry, request.Type, request.Device);
        return value.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public PackedWeight? TryProvidePacked(in WeightRequest request, Func<BlockFormat?, bool> wanted)
    {
        if (store.FindPacked(Find(request)) is not { } packed || !wanted(packed.Blocks))
        {
            return null;
        }

        NativeRuntime.EnsureLoaded();
        bool mapped = map && request.Device.type == DeviceType.CPU;
        Tensor numbers = (mapped ? packed.Store.TryMap(packed.Numbers) : null)
            ?? packed.Store.Read(packed.Numbers, null, request.Device);
        using (NewDisposeScope())
        {
            Tensor? scales = packed.Scales is null
                ? null
                : packed.Store.Read(packed.Scales, ScalarType.Float32, request.Device)
                    .view(-1).expand(request.Shape[0]).contiguous().DetachFromDisposeScope();
            return new PackedWeight(numbers.DetachFromDisposeScope(), scales, packed.Blocks);
        }
    }

    /// <inheritdoc/>
    public ScalarType? StoredType(string name) => store.Entries.GetValueOrDefault(prefix + name)?.Type;

    private TensorEntry Find(in WeightRequest request)
    {
        if (!store.Entries.TryGetValue(prefix + request.Name, out TensorEntry? entry))
        {
            throw new WeightException(
                $"{store.Location} has no tensor {prefix + request.Name}; the model expects it with the shape "
                + $"[{string.Join(", ", request.Shape)}].");
        }

        if (!entry.Shape.AsSpan().SequenceEqual(request.Shape))
        {
            throw new WeightException(
                $"The tensor {entry.Name} in {entry.File} has the shape [{string.Join(", ", entry.Shape)}], "
                + $"but the model expects [{string.Join(", ", request.Shape)}].");
        }

        return entry;
    }
}
