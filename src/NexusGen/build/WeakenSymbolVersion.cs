// Build task: marks one required symbol version of an ELF file as weak (VER_FLG_WEAK in its vernaux entry of
// .gnu.version_r), so that the dynamic loader accepts a libstdc++ that does not provide it.
// It is compiled by MSBuild for .NET Standard 2.0, hence the plain C#.
using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

public class NexusGenWeakenSymbolVersion : Task
{
    private const uint SectionVersionNeeds = 0x6ffffffe;
    private const int WeakFlag = 0x2;

    public ITaskItem[] Files { get; set; }

    public string Version { get; set; }

    public override bool Execute()
    {
        foreach (ITaskItem file in Files)
        {
            string path = file.GetMetadata("FullPath");
            byte[] image = File.ReadAllBytes(path);
            int flags = FindFlags(image, Version);
            if (flags < 0 || (BitConverter.ToUInt16(image, flags) & WeakFlag) != 0)
            {
                continue;
            }

            image[flags] |= WeakFlag;
            DateTime written = File.GetLastWriteTimeUtc(path);
            string temporary = path + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(temporary, image);

            // The copy keeps the original's time, so that an incremental build does not copy the file again.
            File.SetLastWriteTimeUtc(temporary, written);
            File.Delete(path);
            File.Move(temporary, path);
            Log.LogMessage(MessageImportance.Normal, "Marked {0} as weak in {1}", Version, path);
        }

        return true;
    }

    /// <summary>The file offset of vna_flags for the version, or -1 where the file does not ask for it.</summary>
    private static int FindFlags(byte[] elf, string version)
    {
        bool isElf64 = elf.Length > 64 && elf[0] == 0x7f && elf[1] == 'E' && elf[2] == 'L' && elf[3] == 'F' && elf[4] == 2;
        if (!isElf64)
        {
            return -1;
        }

        long sections = BitConverter.ToInt64(elf, 0x28);
        int entrySize = BitConverter.ToUInt16(elf, 0x3a);
        int count = BitConverter.ToUInt16(elf, 0x3c);
        for (int i = 0; i < count; i++)
        {
            int header = (int)(sections + ((long)i * entrySize));
            if (BitConverter.ToUInt32(elf, header + 4) != SectionVersionNeeds)
            {
                continue;
            }

            int need = (int)BitConverter.ToInt64(elf, header + 0x18);
            int strings = (int)(sections + ((long)BitConverter.ToInt32(elf, header + 0x28) * entrySize));
            int names = (int)BitConverter.ToInt64(elf, strings + 0x18);
            while (true)
            {
                int aux = need + BitConverter.ToInt32(elf, need + 8);
                for (int k = BitConverter.ToUInt16(elf, need + 2); k > 0; k--)
                {
                    if (ReadString(elf, names + BitConverter.ToInt32(elf, aux + 8)) == version)
                    {
                        return aux + 4;
                    }

                    aux += BitConverter.ToInt32(elf, aux + 12);
                }

                int next = BitConverter.ToInt32(elf, need + 12);
                if (next == 0)
                {
                    return -1;
                }

                need += next;
            }
        }

        return -1;
    }

    private static string ReadString(byte[] bytes, int start)
    {
        int end = Array.IndexOf(bytes, (byte)0, start);
        return Encoding.ASCII.GetString(bytes, start, end - start);
    }
}
