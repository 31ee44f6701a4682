using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace NexusGen.Torch.Autograd;

/// <summary>
/// What was raised inside a backward pass, in code of ours that libtorch called: an exception must not pass through libtorch's
/// frames, for the process would end. It is kept here until the pass is over.
/// </summary>
internal static class BackwardFailures
{
    private static readonly ConcurrentQueue<Exception> Failures = [];

    /// <summary>Keeps one.</summary>
    public static void Add(Exception failure) => Failures.Enqueue(failure);

    /// <summary>Raises the first one that was kept, and forgets the others. To be called after a backward pass.</summary>
    public static void ThrowFirst()
    {
        if (Failures.TryDequeue(out Exception? failure))
        {
            Failures.Clear();
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
