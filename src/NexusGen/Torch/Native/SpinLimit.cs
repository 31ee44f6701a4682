namespace NexusGen.Torch.Native;

/// <summary>
/// Limits how long libtorch's threads spin while one waits for another. GNU OpenMP spins for many milliseconds before it sleeps.
/// This costs nothing if each thread has a core, and most of the time if other work runs too: two threads beside a busy one took
/// more than twice as long as a single thread. Spinning for at most a millisecond is as fast on idle cores.
/// </summary>
internal static class SpinLimit
{
    private const string Count = "GOMP_SPINCOUNT", Policy = "OMP_WAIT_POLICY", Spins = "20000";

    /// <summary>
    /// Sets the limit unless the user's environment variables already set one. Call it before libtorch is loaded. Linux only.
    /// </summary>
    public static void Set()
    {
        if (Environment.GetEnvironmentVariable(Policy) is null)
        {
            ProcessEnvironment.SetDefault(Count, Spins);
        }
    }
}
