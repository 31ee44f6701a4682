using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using NexusGen.Core;

namespace NexusGen.Cli.Models;

/// <summary>What this machine has for computing.</summary>
/// <param name="Memory">The bytes of memory that the process may use: the machine's, or the limit of its container.</param>
/// <param name="Available">The bytes of it that are free now, or that the system can free.</param>
/// <param name="HasLimit">Whether a container limits the memory.</param>
/// <param name="Cores">The number of processors that the process may use.</param>
/// <param name="Instructions">The instruction sets that matter for speed.</param>
/// <param name="Devices">The devices that this build can compute on.</param>
internal sealed record MachineFacts(
    long Memory,
    long Available,
    bool HasLimit,
    int Cores,
    IReadOnlyList<string> Instructions,
    IReadOnlyList<string> Devices)
{
    private const string Cgroup = "/sys/fs/cgroup";

    /// <summary>Reads the facts.</summary>
    public static MachineFacts Read()
    {
        // The runtime knows the limits of containers; the share of the heap that it allows itself is not meant here.
        long physical = MemInfo("MemTotal") ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long? limit = Number(Path.Combine(Cgroup, "memory.max")) ?? Number(Path.Combine(Cgroup, "memory/memory.limit_in_bytes"));
        long used = Number(Path.Combine(Cgroup, "memory.current"))
            ?? Number(Path.Combine(Cgroup, "memory/memory.usage_in_bytes")) ?? 0;
        long free = MemInfo("MemAvailable") ?? physical;
        bool hasLimit = limit < physical;
        return new MachineFacts(
            hasLimit ? limit!.Value : physical,
            hasLimit ? Math.Clamp(limit!.Value - used, 0, free) : free,
            hasLimit,
            Environment.ProcessorCount,
            [.. FindInstructions()],
            [.. FindDevices()]);
    }

    private static IEnumerable<string> FindInstructions()
    {
        string flags = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? ""
            : "";
        string[] known = flags.Split(' ');
        (string Name, bool IsThere)[] all =
        [
            ("AVX2", Avx2.IsSupported),
            ("AVX-512", Avx512F.IsSupported),
            ("AVX-512 VNNI", known.Contains("avx512_vnni")),
            ("AVX-512 BF16", known.Contains("avx512_bf16")),
            ("AMX BF16", known.Contains("amx_bf16")),
            ("AMX INT8", known.Contains("amx_int8")),
            ("NEON", RuntimeInformation.ProcessArchitecture == Architecture.Arm64),
        ];
        return all.Where(set => set.IsThere).Select(set => set.Name);
    }

    private static IEnumerable<string> FindDevices()
    {
        yield return "cpu";
        foreach (string name in (string[])["cuda", "mps"])
        {
            if (IsThere(name))
            {
                yield return name;
            }
        }
    }

    private static bool IsThere(string device)
    {
        try
        {
            NexusGen.Torch.Devices.Open(device);
            return true;
        }
        catch (NexusGenException)
        {
            return false;
        }
    }

    private static long? MemInfo(string key)
    {
        const string path = "/proc/meminfo";
        string? line = File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key + ":", StringComparison.Ordinal))
            : null;
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 1 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long kilobytes)
            ? kilobytes * 1024
            : null;
    }

    private static long? Number(string path)
    {
        try
        {
            return File.Exists(path) && long.TryParse(File.ReadAllText(path).Trim(), CultureInfo.InvariantCulture, out long value)
                ? value
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
