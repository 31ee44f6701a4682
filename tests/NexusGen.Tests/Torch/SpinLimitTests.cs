using System.Diagnostics;
using NexusGen.Torch.Native;

namespace NexusGen.Tests.Torch;

/// <summary>How long OpenMP's threads spin, as its library says when a process of its own loads it.</summary>
public sealed class SpinLimitTests
{
    public const string Command = "load-libtorch";

    [Theory]
    [InlineData("", "", "'20000'")]
    [InlineData("GOMP_SPINCOUNT", "7", "'7'")]
    [InlineData("OMP_WAIT_POLICY", "PASSIVE", "'0'")]
    public async Task ThreadsSpinShortlyUnlessTheUserSaysHowLong(string name, string value, string spins)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // What the one who tests has set says nothing here.
        var environment = new Dictionary<string, string?> { ["OMP_DISPLAY_ENV"] = "VERBOSE", ["GOMP_SPINCOUNT"] = null, ["OMP_WAIT_POLICY"] = null };
        if (name.Length > 0)
        {
            environment[name] = value;
        }

        using Process process = ChildProcess.Start(environment, Command);
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.Contains($"GOMP_SPINCOUNT = {spins}", said);
    }

    /// <summary>The other process.</summary>
    public static int Load()
    {
        NativeRuntime.EnsureLoaded();
        return 0;
    }
}
