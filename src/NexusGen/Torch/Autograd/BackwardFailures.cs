using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace NexusGen.Torch.Autograd;

/// <summary>
/// Collects the exceptions that managed code throws when libtorch calls it during a backward pass. An exception must not
/// propagate through libtorch's frames, because that would end the process. It is kept here until the pass is over.
/// </summary>
internal static class BackwardFailures
{
    private static readonly ConcurrentQueue<Exception> Failures = [];

    /// <summary>Keeps an exception.</summary>
    public static void Add(Exception failure) => Failures.Enqueue(failure);

    /// <summary>Throws the first exception that was kept and discards the others. Call it after every backward pass.</summary>
    public static void ThrowFirst()
    {
        if (Failures.TryDequeue(out Exception? failure))
        {
            Failures.Clear();
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
