using System.Runtime.Intrinsics;

namespace NexusGen.Torch.Kernels;

/// <summary>An element of a tensor that the kernels read and write as float32, sixteen at a time.</summary>
/// <typeparam name="TSelf">The type itself, of the element's size.</typeparam>
internal unsafe interface IElement<TSelf>
    where TSelf : unmanaged, IElement<TSelf>
{
    /// <summary>Sixteen elements, widened.</summary>
    static abstract Vector512<float> Load(TSelf* source);

    /// <summary>Sixteen elements, rounded to the nearest, ties to even.</summary>
    static abstract void Store(TSelf* target, Vector512<float> values);
}
