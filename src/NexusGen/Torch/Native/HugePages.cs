using System.Runtime.InteropServices;

namespace NexusGen.Torch.Native;

/// <summary>
/// Asks Linux to back large new memory with pages of 2 MB: the first touch of a page costs more than filling it, and there are
/// 512 times fewer of them. Elsewhere, and where the system says no, nothing changes.
/// </summary>
internal static unsafe partial class HugePages
{
    private const long Size = 2 << 20;
    private const int MadvHugepage = 14;

    /// <summary>Asks for it, for the whole pages inside a stretch of memory that was not touched yet.</summary>
    /// <param name="memory">Where it begins.</param>
    /// <param name="bytes">How long it is.</param>
    public static void Advise(byte* memory, long bytes)
    {
        long first = ((long)memory + Size - 1) / Size * Size, end = ((long)memory + bytes) / Size * Size;
        if (OperatingSystem.IsLinux() && end - first >= Size)
        {
            _ = madvise((nint)first, (nuint)(end - first), MadvHugepage);
        }
    }

    [LibraryImport("libc")]
    private static partial int madvise(nint address, nuint length, int advice);
}
