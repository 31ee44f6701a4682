using System.Runtime.InteropServices;

namespace NexusGen.Torch.Native;

/// <summary>
/// How long libtorch's threads spin where one waits for another. GNU's OpenMP spins for many milliseconds before it sleeps, which
/// costs nothing where each thread has a core, and most of the time where other work runs too: two threads beside a busy one took
/// more than twice as long as a single thread. Spins of a millisecond at most are as fast on quiet cores.
/// </summary>
internal static partial class SpinLimit
{
    private const string Count = "GOMP_SPINCOUNT", Policy = "OMP_WAIT_POLICY", Spins = "20000";

    /// <summary>Sets it, before libtorch is loaded, unless the user's variables say otherwise. Linux alone.</summary>
    public static void Set()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(Count) is null && Environment.GetEnvironmentVariable(Policy) is null)
        {
            try
            {
                // The library reads the process's own environment, of which .NET's is a copy.
                _ = setenv(Count, Spins, overwrite: 0);
            }
            catch (EntryPointNotFoundException)
            {
                // It spins as long as it likes.
            }
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
