using System.Runtime.InteropServices;

namespace NexusGen.Torch.Native;

/// <summary>
/// Makes the C library keep freed memory instead of returning it to the system, until this object is disposed. Each training step
/// frees and allocates the same tensors again, and the system clears every page that it hands out. The setting applies to the
/// entire process and only takes effect with glibc.
/// </summary>
internal sealed partial class NativeHeap : IDisposable
{
    private const int TrimThreshold = -1, MmapThreshold = -3, MmapMax = -4;

    // The values that glibc's own heuristics reach once large blocks have been freed.
    private const int UsualMmapThreshold = 32 << 20, UsualMmapMax = 65536;

    // No block gets its own mapping, which would return to the system with the block, and the heap never shrinks.
    private readonly bool _isGlibc = OperatingSystem.IsLinux() && TrySet(MmapMax, 0) && TrySet(TrimThreshold, int.MaxValue);

    /// <summary>Returns free memory to the system and restores the usual thresholds.</summary>
    public void Dispose()
    {
        if (_isGlibc)
        {
            _ = TrySet(MmapThreshold, UsualMmapThreshold)
                && TrySet(MmapMax, UsualMmapMax)
                && TrySet(TrimThreshold, 2 * UsualMmapThreshold);
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
