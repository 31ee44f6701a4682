using System.Diagnostics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

/// <summary>
/// Freed memory is kept during training and returned to the system afterwards: tested in a separate process, on its first thread.
/// </summary>
public sealed class NativeHeapTests
{
    public const string Command = "native-heap";

    private const long Bytes = 64 << 20;

    [LinuxFact]
    public async Task FreedMemoryStaysUntilTheEnd()
    {
        using Process process = ChildProcess.Start(Command);
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }

    /// <summary>The separate process: allocates and frees a large tensor before, while and after memory is kept.</summary>
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
