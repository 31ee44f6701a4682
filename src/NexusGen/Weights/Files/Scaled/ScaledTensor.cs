using System.Collections.Immutable;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// A weight whose values are computed from several stored tensors: small numbers and their scales. It looks like an ordinary
/// float32 tensor. Thread-safe.
/// </summary>
/// <param name="stored">The stored tensor with the numbers.</param>
/// <param name="name">The name of the weight.</param>
/// <param name="shape">The shape of the weight.</param>
internal abstract class ScaledTensor(TensorEntry stored, string name, ImmutableArray<long> shape)
{
    /// <summary>Gets the weight as an entry. Its location in the file is that of the numbers.</summary>
    public TensorEntry Entry { get; } =
        new(name, ScalarType.Float32, shape, stored.File, stored.Offset, stored.ByteLength);

    /// <summary>Gets the stored tensor with the numbers.</summary>
    protected TensorEntry Stored => stored;

    /// <summary>Gets how many consecutive values are computed together.</summary>
    protected abstract long Unit { get; }

    /// <summary>Reads the weight into new memory.</summary>
    /// <param name="store">The files.</param>
    /// <param name="type">The type to convert to.</param>
    /// <param name="device">The device.</param>
    public Tensor Read(ITensorStore store, ScalarType type, Device device)
    {
        using Tensor numbers = store.TryMap(stored) ?? store.Read(stored);
        ComputedTensor.Filler fill = Prepare(store, numbers);
        Tensor result = ComputedTensor.Create(Entry.Shape.AsSpan(), type, device, Unit, fill);
        GC.KeepAlive(numbers);
        return result;
    }

    /// <summary>Returns the parts of a matrix of signed bytes with scales, or null if it has another form.</summary>
    /// <param name="store">The files.</param>
    public virtual PackedEntry? Packed(ITensorStore store) => null;

    /// <summary>Reads the scales and returns what computes values.</summary>
    /// <param name="store">The files.</param>
    /// <param name="numbers">The stored numbers on the CPU.</param>
    protected abstract ComputedTensor.Filler Prepare(ITensorStore store, Tensor numbers);

    /// <summary>Gets the address of the elements of a tensor that is kept alive by the caller.</summary>
    protected static unsafe byte* Data(Tensor tensor) => NativeTensors.Data(tensor);

    /// <summary>Reads a small tensor as float32 values.</summary>
    protected static float[] Floats(ITensorStore store, TensorEntry entry)
    {
        using Tensor value = store.Read(entry, ScalarType.Float32);
        return value.data<float>().ToArray();
    }

    /// <summary>Reads a small tensor of 32-bit integers.</summary>
    protected static int[] Integers(ITensorStore store, TensorEntry entry)
    {
        using Tensor value = store.Read(entry, ScalarType.Int32);
        return value.data<int>().ToArray();
    }
}
