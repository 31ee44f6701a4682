using System.Runtime.InteropServices;

namespace NexusGen.Torch.Native;

/// <summary>
/// Asks Linux to back large new allocations with pages of 2 MB. The first touch of a page costs more than filling it, and there
/// are 512 times fewer of them. On other systems, and if the kernel refuses, nothing changes.
/// </summary>
internal static unsafe partial class HugePages
{
    private const long Size = 2 << 20;
    private const int MadvHugepage = 14;

    /// <summary>Requests huge pages for all pages of 2 MB that lie fully inside an untouched range of memory.</summary>
    /// <param name="memory">The start of the range.</param>
    /// <param name="bytes">The length of the range.</param>
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
