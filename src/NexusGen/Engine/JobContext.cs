namespace NexusGen.Engine;

/// <summary>
/// The engine as one job sees it. A job divides its work into steps by awaiting <see cref="NextStep"/> and waits for others by
/// awaiting <see cref="WaitForChange"/>. As a synchronization context it brings every continuation of the job back to the
/// engine's thread.
/// </summary>
internal sealed class JobContext(InferenceEngine engine, CancellationToken cancellationToken) : SynchronizationContext
{
    private Task? _running;
    private Action<Exception?> _complete = _ => { };
    private bool _stopped;

    /// <summary>Gets the token that cancels the job.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Gets whether the job has ended, successfully or not.</summary>
    internal bool IsCompleted => _running is { IsCompleted: true };

    /// <summary>Gets or sets the rest of the job, or null while it runs or awaits a task that is not the engine's.</summary>
    internal Action? Next { get; set; }

    /// <summary>Gets or sets whether <see cref="Next"/> has to wait for a change.</summary>
    internal bool Waits { get; set; }

    /// <summary>Gets or sets the number of changes before the step that is running.</summary>
    internal long WakesBefore { get; set; }

    /// <summary>Gets or sets the registration that resumes the job when it is cancelled.</summary>
    internal CancellationTokenRegistration Registration { get; set; }

    /// <summary>Ends the step. The job goes on when the other jobs have had their turn.</summary>
    /// <returns>An awaitable that throws <see cref="OperationCanceledException"/> if the job was cancelled.</returns>
    public JobStep NextStep() => new(this, waits: false);

    /// <summary>Ends the step. The job goes on after the next change, see <see cref="InferenceEngine.Wake"/>.</summary>
    /// <returns>An awaitable that throws <see cref="OperationCanceledException"/> if the job was cancelled.</returns>
    public JobStep WaitForChange() => new(this, waits: true);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => Suspend(() => d(state), waits: false);

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Prepares the job for its first step.</summary>
    internal void Begin<T>(Func<JobContext, Task<T>> job, TaskCompletionSource<T> completion)
    {
        Next = () =>
        {
            try
            {
                ThrowIfEnded();
                _running = job(this);
            }
            catch (Exception e)
            {
                _running = Task.FromException(e);
            }
        };
        _complete = failure =>
        {
            if (failure is null)
            {
                completion.TrySetResult(((Task<T>)_running!).Result);
            }
            else if (failure is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                completion.TrySetCanceled(cancellationToken);
            }
            else
            {
                completion.TrySetException(failure);
            }
        };
    }

    /// <summary>Makes the job fail at its next step, since the engine is being disposed.</summary>
    internal void Stop() => _stopped = true;

    /// <summary>Passes the job's result or failure to its caller.</summary>
    internal void Complete()
    {
        try
        {
            if (_running is not { IsCompleted: true })
            {
                throw new ObjectDisposedException(engine.Owner);
            }

            _running.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            _complete(e);
            return;
        }

        _complete(null);
    }

    /// <summary>Throws if the job must not go on.</summary>
    internal void ThrowIfEnded()
    {
        if (_stopped)
        {
            throw new ObjectDisposedException(engine.Owner);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Stores the rest of the job.</summary>
    internal void Suspend(Action next, bool waits) => engine.Suspend(this, next, waits);
}
