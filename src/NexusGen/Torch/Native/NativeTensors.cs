using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace NexusGen.Torch.Native;

/// <summary>
/// Creates tensors over memory that something else owns, and gets the address of a tensor's elements. libtorch's reference count
/// of the storage keeps the owner of borrowed memory alive, so a view may safely outlive everything else.
/// </summary>
internal static unsafe partial class NativeTensors
{
    private const string Library = "LibTorchSharp";

    // The deleter receives only the address; this finds the owner that belongs to it.
    private static readonly Dictionary<nint, (SafeHandle Owner, int Count)> Borrowed = [];
    private static readonly Lock Gate = new();

    static NativeTensors() => NativeRuntime.EnsureLoaded();

    /// <summary>Creates a contiguous tensor on the CPU over borrowed memory.</summary>
    /// <param name="data">The address of its first element, aligned to the size of an element.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="type">The element type.</param>
    /// <param name="owner">The owner of the memory, kept alive until the last view of the tensor is gone.</param>
    /// <returns>A tensor that the caller owns.</returns>
    /// <exception cref="ObjectDisposedException">The owner has been closed.</exception>
    public static Tensor Over(nint data, ReadOnlySpan<long> shape, ScalarType type, SafeHandle owner)
    {
        Hold(data, owner);
        nint handle;
        fixed (long* sizes = shape)
        {
            handle = THSTensor_new((void*)data, &Deleted, sizes, shape.Length, (sbyte)type, (sbyte)type, 0, 0, 0);
        }

        if (handle == 0)
        {
            Release(data);
            throw new InvalidOperationException($"libtorch rejected a tensor of {type} over borrowed memory.");
        }

        return Tensor.UnsafeCreateTensor(handle);
    }

    /// <summary>
    /// Gets the address of a tensor's first element. The caller keeps the tensor alive while it uses the address.
    /// </summary>
    /// <param name="tensor">A tensor on the CPU.</param>
    public static byte* Data(Tensor tensor) => (byte*)THSTensor_data(tensor.Handle);

    private static void Hold(nint data, SafeHandle owner)
    {
        bool held = false;
        owner.DangerousAddRef(ref held);
        lock (Gate)
        {
            int count = Borrowed.TryGetValue(data, out var found) ? found.Count : 0;
            Borrowed[data] = (owner, count + 1);
        }
    }

    private static void Release(nint data)
    {
        SafeHandle owner;
        lock (Gate)
        {
            (owner, int count) = Borrowed[data];
            if (count == 1)
            {
                Borrowed.Remove(data);
            }
            else
            {
                Borrowed[data] = (owner, count - 1);
            }
        }

        owner.DangerousRelease();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Deleted(void* data) => Release((nint)data);

    [LibraryImport(Library)]
    private static partial nint THSTensor_new(
        void* data,
        delegate* unmanaged[Cdecl]<void*, void> deleter,
        long* sizes,
        int rank,
        sbyte storedType,
        sbyte type,
        int deviceType,
        int deviceIndex,
        byte requiresGradient);

    [LibraryImport(Library)]
    private static partial void* THSTensor_data(nint tensor);
}
