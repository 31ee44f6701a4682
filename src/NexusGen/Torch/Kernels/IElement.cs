using System.Runtime.Intrinsics;

namespace NexusGen.Torch.Kernels;

/// <summary>A tensor element that the kernels read and write as float32, 16 at a time.</summary>
/// <typeparam name="TSelf">The implementing type itself, which has the size of the element.</typeparam>
internal unsafe interface IElement<TSelf>
    where TSelf : unmanaged, IElement<TSelf>
{
    /// <summary>Loads 16 elements and widens them to float32.</summary>
    static abstract Vector512<float> Load(TSelf* source);

    /// <summary>Stores 16 elements, rounded to the nearest, ties to even.</summary>
    static abstract void Store(TSelf* target, Vector512<float> values);
}
