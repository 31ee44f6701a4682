using System.Runtime.InteropServices;

namespace NexusGen.Core;

/// <summary>What .NET does not tell about a file: its kind, its number of names, and its owner.</summary>
/// <param name="IsRegular">Whether it is an ordinary file; false for a device, a pipe or a socket.</param>
/// <param name="Links">The number of its names (hard links).</param>
/// <param name="User">The number of the user who owns it.</param>
/// <param name="Group">The number of its group.</param>
internal readonly partial record struct FileIdentity(bool IsRegular, uint Links, uint User, uint Group)
{
    // struct statx of Linux, which is the same on all processors.
    private const int StatxLength = 256, LinksAt = 16, UserAt = 20, GroupAt = 24, ModeAt = 28;
    private const int KindMask = 0xF000, Regular = 0x8000, Folder = 0x4000;
    private const int CurrentFolder = -100;
    private const uint BasicStatistics = 0x7ff;

    /// <summary>Returns the identity of a file, or null if there is no such file.</summary>
    /// <param name="path">The path. A link is followed.</param>
    public static FileIdentity? Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                var data = new byte[StatxLength];
                if (Statx(CurrentFolder, path, 0, BasicStatistics, data) != 0)
                {
                    return null;
                }

                uint Number(int at) => MemoryMarshal.Read<uint>(data.AsSpan(at));
                int kind = MemoryMarshal.Read<ushort>(data.AsSpan(ModeAt)) & KindMask;
                return new FileIdentity(kind is Regular or Folder, Number(LinksAt), Number(UserAt), Number(GroupAt));
            }
            catch (EntryPointNotFoundException)
            {
                // An old C library: as elsewhere.
            }
        }

        return File.Exists(path) ? new FileIdentity(true, 1, 0, 0) : null;
    }

    /// <summary>Returns whether another file has another owner.</summary>
    /// <param name="other">The other file.</param>
    public bool OwnerDiffers(FileIdentity? other) => other is { } file && (file.User != User || file.Group != Group);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> data);
}
