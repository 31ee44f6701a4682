using System.Globalization;

namespace NexusGen.Bench;

/// <summary>What this process holds in memory, with the pages of mapped files, as Linux counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>Bytes now.</summary>
    public static long Resident() => Field("VmRSS:");

    /// <summary>The most bytes so far.</summary>
    public static long Peak() => Field("VmHWM:");

    private static long Field(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) * 1024;
    }
}
