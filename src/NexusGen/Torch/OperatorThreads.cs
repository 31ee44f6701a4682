using NexusGen.Torch.Native;

namespace NexusGen.Torch;

/// <summary>
/// Sets how many threads one operator may use, for the entire process, until it is disposed; then restores the previous number.
/// </summary>
internal sealed class OperatorThreads : IDisposable
{
    private readonly int _before = NativeRuntime.Threads;

    /// <summary>Sets the number of threads.</summary>
    /// <param name="count">The number, or null to divide the current number among <paramref name="shares"/> computations.</param>
    /// <param name="shares">The number of concurrent computations; used only if <paramref name="count"/> is null.</param>
    public OperatorThreads(int? count, int shares)
    {
        if (count is not null || shares > 1)
        {
            NativeRuntime.Threads = count ?? Math.Max(1, _before / shares);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeRuntime.Threads = _before;
}
