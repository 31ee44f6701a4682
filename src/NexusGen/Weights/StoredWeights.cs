using NexusGen.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>Weights from files, under a prefix: mapped where that is possible and allowed, else read straight into place.</summary>
/// <param name="store">The files.</param>
/// <param name="prefix">What stands before the model's names in the files, with its last dot; may be empty.</param>
/// <param name="map">
/// Whether tensors may lie over the mapped file. Such memory is the page cache's; where blocks come and go within a budget
/// they are read into memory of their own instead, so that dropping one gives its bytes back.
/// </param>
public sealed class StoredWeights(ITensorStore store, string prefix = "", bool map = true) : IWeightProvider
{
    /// <inheritdoc/>
    public bool Contains(string name) => store.Entries.ContainsKey(prefix + name);

    /// <inheritdoc/>
    public Tensor Provide(in WeightRequest request)
    {
        if (!store.Entries.TryGetValue(prefix + request.Name, out TensorEntry? entry))
        {
            throw new WeightException($"{store.Location} has no tensor {prefix + request.Name}; the model expects it with the shape [{string.Join(", ", request.Shape)}].");
        }

        if (!entry.Shape.AsSpan().SequenceEqual(request.Shape))
        {
            throw new WeightException(
                $"The tensor {entry.Name} in {entry.File} has the shape [{string.Join(", ", entry.Shape)}], but the model expects "
                + $"[{string.Join(", ", request.Shape)}].");
        }

        NativeRuntime.EnsureLoaded();
        bool fits = map && request.Device.type == DeviceType.CPU && entry.Type == request.Type;
        Tensor value = (fits ? store.TryMap(entry) : null) ?? store.Read(entry, request.Type, request.Device);
        return value.DetachFromDisposeScope();
    }
}
