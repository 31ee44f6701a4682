using System.Globalization;

namespace NexusGen.Bench;

/// <summary>The resident memory of this process, including the pages of mapped files, as Linux counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>Gets the current number of bytes.</summary>
    public static long Resident() => Field("VmRSS:");

    /// <summary>Gets the largest number of bytes so far.</summary>
    public static long Peak() => Field("VmHWM:");

    private static long Field(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) * 1024;
    }
}
