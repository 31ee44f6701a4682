using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace NexusGen.Torch.Autograd;

/// <summary>
/// Collects the exceptions that managed code throws when libtorch calls it during a backward pass. An exception must not
/// propagate through libtorch's frames, because that would end the process. It is kept here until the pass is over.
/// </summary>
/// <remarks>
/// A function takes <see cref="Current"/> along from its forward pass, since the engine may call it back on a thread of its own:
/// the failures of a loss belong to the thread that computed it, which also runs its backward pass.
/// </remarks>
internal sealed class BackwardFailures
{
    [ThreadStatic]
    private static BackwardFailures? _current;

    private readonly ConcurrentQueue<Exception> _failures = [];

    /// <summary>Gets the failures of this thread's backward pass.</summary>
    public static BackwardFailures Current => _current ??= new BackwardFailures();

    /// <summary>Keeps an exception.</summary>
    public void Add(Exception failure) => _failures.Enqueue(failure);

    /// <summary>
    /// Computes something on the thread of a backward pass, whichever that is: failures in it are of this pass.
    /// </summary>
    /// <param name="compute">The computation.</param>
    public T Run<T>(Func<T> compute)
    {
        BackwardFailures? outer = _current;
        _current = this;
        try
        {
            return compute();
        }
        finally
        {
            _current = outer;
        }
    }

    /// <summary>Throws the first exception that was kept and discards the others. Call it after every backward pass.</summary>
    public void ThrowFirst()
    {
        if (_failures.TryDequeue(out Exception? failure))
        {
            _failures.Clear();
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
