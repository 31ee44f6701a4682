using System.Diagnostics;
using System.Runtime.InteropServices;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

/// <summary>Freed memory stays while a training runs, and goes back when it has ended: seen in a process of its own, on its first thread.</summary>
public sealed class NativeHeapTests
{
    public const string Command = "native-heap";

    private const long Bytes = 64 << 20;

    [Fact]
    public async Task FreedMemoryStaysUntilTheEnd()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal))
        {
            return;
        }

        using Process process = ChildProcess.Start(Command);
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }

    /// <summary>The other process: takes and frees a large tensor before, while and after the memory is kept.</summary>
    public static int Probe()
    {
        NativeRuntime.EnsureLoaded();
        long usual = LeftBehind();
        long kept, after;
        using (new NativeHeap())
        {
            kept = LeftBehind();
        }

        after = LeftBehind();
        Console.Error.WriteLine($"{usual}, {kept} and {after} bytes stay");
        return usual < Bytes / 2 && kept > Bytes / 2 && after < Bytes / 2 ? 0 : 1;
    }

    private static long LeftBehind()
    {
        long before = Environment.WorkingSet;
        ones(Bytes / sizeof(float)).Dispose();
        return Environment.WorkingSet - before;
    }
}
