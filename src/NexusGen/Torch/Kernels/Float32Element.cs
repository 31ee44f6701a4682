using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NexusGen.Torch.Kernels;

/// <summary>An element of a float32 tensor.</summary>
[StructLayout(LayoutKind.Sequential, Size = 4)]
internal readonly unsafe struct Float32Element : IElement<Float32Element>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(Float32Element* source) => Vector512.Load((float*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Float32Element* target, Vector512<float> values) => values.Store((float*)target);
}
