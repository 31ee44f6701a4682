using System.Runtime.CompilerServices;

namespace NexusGen.Engine;

/// <summary>The end of a step, awaited by a job.</summary>
/// <param name="job">The job.</param>
/// <param name="waits">Whether the job goes on only after a change.</param>
internal readonly struct JobStep(JobContext job, bool waits) : ICriticalNotifyCompletion
{
    /// <summary>Gets a value that is always false: the other jobs have their turn first.</summary>
    public bool IsCompleted => false;

    /// <summary>Gets the awaiter.</summary>
    public JobStep GetAwaiter() => this;

    /// <summary>Throws if the job was cancelled or the engine was disposed.</summary>
    public void GetResult() => job.ThrowIfEnded();

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => job.Suspend(continuation, waits);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => job.Suspend(continuation, waits);
}
