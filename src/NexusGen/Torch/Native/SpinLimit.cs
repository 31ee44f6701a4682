using System.Runtime.InteropServices;

namespace NexusGen.Torch.Native;

/// <summary>
/// Limits how long libtorch's threads spin while one waits for another. GNU OpenMP spins for many milliseconds before it sleeps.
/// This costs nothing if each thread has a core, and most of the time if other work runs too: two threads beside a busy one took
/// more than twice as long as a single thread. Spinning for at most a millisecond is as fast on idle cores.
/// </summary>
internal static partial class SpinLimit
{
    private const string Count = "GOMP_SPINCOUNT", Policy = "OMP_WAIT_POLICY", Spins = "20000";

    /// <summary>
    /// Sets the limit unless the user's environment variables already set one. Call it before libtorch is loaded. Linux only.
    /// </summary>
    public static void Set()
    {
        if (OperatingSystem.IsLinux()
            && Environment.GetEnvironmentVariable(Count) is null
            && Environment.GetEnvironmentVariable(Policy) is null)
        {
            try
            {
                // The library reads the environment of the process, of which .NET's is a copy.
                _ = setenv(Count, Spins, overwrite: 0);
            }
            catch (EntryPointNotFoundException)
            {
                // OpenMP keeps its default.
            }
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
