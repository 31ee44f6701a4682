using System.Runtime.InteropServices;

namespace NexusGen.Torch.Native;

/// <summary>
/// Has the C library keep memory that is freed instead of giving it back to the system, until this is disposed: each step of a
/// training frees and takes the same tensors again, and the system clears each page that it gives. It is so for the whole process,
/// with glibc alone.
/// </summary>
internal sealed partial class NativeHeap : IDisposable
{
    private const int TrimThreshold = -1, MmapThreshold = -3, MmapMax = -4;

    // What glibc's own rules come to once large blocks have been freed.
    private const int UsualMmapThreshold = 32 << 20, UsualMmapMax = 65536;

    // No block has a mapping of its own, which would go back to the system with it, and the heap never shrinks.
    private readonly bool _isGlibc = OperatingSystem.IsLinux() && TrySet(MmapMax, 0) && TrySet(TrimThreshold, int.MaxValue);

    /// <summary>Gives back what is free, and from now on what becomes free.</summary>
    public void Dispose()
    {
        if (_isGlibc)
        {
            _ = TrySet(MmapThreshold, UsualMmapThreshold) && TrySet(MmapMax, UsualMmapMax) && TrySet(TrimThreshold, 2 * UsualMmapThreshold);
            _ = malloc_trim(0);
        }
    }

    private static bool TrySet(int parameter, int value)
    {
        try
        {
            return mallopt(parameter, value) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
