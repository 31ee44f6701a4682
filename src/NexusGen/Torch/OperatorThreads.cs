using NexusGen.Torch.Native;

namespace NexusGen.Torch;

/// <summary>How many threads one operator may use, for the whole process, until this is disposed; then it is as before.</summary>
internal sealed class OperatorThreads : IDisposable
{
    private readonly int _before = NativeRuntime.Threads;

    /// <summary>Sets the number.</summary>
    /// <param name="count">The number; it stays as it is where null.</param>
    /// <param name="shares">Where null, among how many computations at once the present number is shared.</param>
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
