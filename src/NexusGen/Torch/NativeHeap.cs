using System.Runtime.InteropServices;

namespace NexusGen.Torch;

/// <summary>
/// Has the C library keep memory that is freed instead of giving it back to the system, until this is disposed: each step of a
/// training frees and takes the same tensors again, and the system clears each page that it gives. It is so for the whole process,
/// with glibc alone.
/// </summary>
internal sealed partial class NativeHeap : IDisposable
{
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;

    // The most that glibc takes; what is larger still comes from the system and goes back there.
    private const int LargestKept = 32 << 20;

    private readonly bool _isGlibc = OperatingSystem.IsLinux() && TrySet(MmapThreshold, LargestKept) && TrySet(TrimThreshold, int.MaxValue);

    /// <summary>Gives back what is free, and from now on what becomes free, as glibc's own rule has it after large blocks.</summary>
    public void Dispose()
    {
        if (_isGlibc)
        {
            _ = TrySet(TrimThreshold, 2 * LargestKept);
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
