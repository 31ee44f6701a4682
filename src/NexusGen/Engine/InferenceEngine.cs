using static TorchSharp.torch;

namespace NexusGen.Engine;

/// <summary>
/// Runs jobs step by step, in turn, on one thread of its own: grad mode and dispose scopes belong to threads, so whatever
/// computes on tensors stays on this one. It knows nothing of models: a job is a sequence of steps, and a step is what lies
/// between two elements of it.
/// </summary>
/// <remarks>
/// Safe to call from any thread. A cancelled job is ended before its next step; the sequence's <c>finally</c> blocks run on
/// the engine's thread. Every step runs without autograd and in a dispose scope, so a tensor that must outlive its step has to
/// be detached from the scope.
/// </remarks>
public sealed class InferenceEngine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _changed = new(false);
    private readonly LinkedList<Job> _jobs = new();
    private readonly Thread _thread;
    private long _wakes;
    private bool _stopping;

    /// <summary>An engine with its thread started.</summary>
    public InferenceEngine()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "Nexus-Gen engine" };
        _thread.Start();
    }

    /// <summary>How many jobs are accepted and not ended.</summary>
    public int JobCount
    {
        get
        {
            lock (_gate)
            {
                return _jobs.Count;
            }
        }
    }

    /// <summary>Runs a job.</summary>
    /// <param name="steps">The job. It is enumerated once, on the engine's thread, one element a turn.</param>
    /// <param name="cancellationToken">Ends the job before its next step.</param>
    /// <returns>Completes when the sequence ends; faults with what it throws, and with <see cref="ObjectDisposedException"/> where the engine ends before it.</returns>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Task RunAsync(IEnumerable<JobState> steps, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        var job = new Job(steps, cancellationToken);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _jobs.AddLast(job);
        }

        Wake();
        job.Registration = cancellationToken.UnsafeRegister(_ => Wake(), null);
        return job.Completion.Task;
    }

    /// <summary>Lets waiting jobs look again.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _wakes++;
            foreach (Job job in _jobs)
            {
                job.Waits = false;
            }
        }

        _changed.Set();
    }

    /// <summary>Waits for the step that is running, fails all jobs with <see cref="ObjectDisposedException"/>, and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        _changed.Set();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
            _changed.Dispose();
        }
    }

    private void Loop()
    {
        while (true)
        {
            Job? job = NextJob(out bool stopping);
            if (stopping)
            {
                EndAll();
                return;
            }

            if (job is null)
            {
                _changed.WaitOne();
            }
            else
            {
                Turn(job);
                MoveToTheEnd(job);
            }
        }
    }

    // Behind those too that came during its step, so that all have their turn.
    private void MoveToTheEnd(Job job)
    {
        lock (_gate)
        {
            if (_jobs.Remove(job))
            {
                _jobs.AddLast(job);
            }
        }
    }

    // The first job that has something to do.
    private Job? NextJob(out bool stopping)
    {
        lock (_gate)
        {
            stopping = _stopping;
            for (LinkedListNode<Job>? node = _jobs.First; node is not null; node = node.Next)
            {
                if (!node.Value.Waits || node.Value.Cancellation.IsCancellationRequested)
                {
                    return node.Value;
                }
            }

            return null;
        }
    }

    private void Turn(Job job)
    {
        try
        {
            if (job.Cancellation.IsCancellationRequested)
            {
                End(job, completion => completion.TrySetCanceled(job.Cancellation));
                return;
            }

            // Whatever wakes the job while its step runs must not be forgotten when the step says that it waits.
            long wakes = Interlocked.Read(ref _wakes);
            using IDisposable inference = no_grad();
            using var scope = NewDisposeScope();
            if (!job.Steps.MoveNext())
            {
                End(job, completion => completion.TrySetResult());
                return;
            }

            if (job.Steps.Current == JobState.Waiting)
            {
                lock (_gate)
                {
                    job.Waits = _wakes == wakes;
                }
            }
        }
        catch (OperationCanceledException e) when (job.Cancellation.IsCancellationRequested)
        {
            End(job, completion => completion.TrySetCanceled(e.CancellationToken));
        }
        catch (Exception e)
        {
            End(job, completion => completion.TrySetException(e));
        }
    }

    private void End(Job job, Action<TaskCompletionSource> complete)
    {
        try
        {
            job.Registration.Dispose();
            job.Steps.Dispose();
        }
        catch (Exception e)
        {
            job.Completion.TrySetException(e);
        }

        lock (_gate)
        {
            _jobs.Remove(job);
        }

        complete(job.Completion);

        // What the job held may be what others wait for.
        Wake();
    }

    private void EndAll()
    {
        Job[] jobs;
        lock (_gate)
        {
            jobs = [.. _jobs];
        }

        foreach (Job job in jobs)
        {
            // Whoever waits did not ask for this end, so it is no cancellation.
            End(job, completion => completion.TrySetException(new ObjectDisposedException(typeof(InferenceEngine).FullName)));
        }
    }

    private sealed class Job(IEnumerable<JobState> steps, CancellationToken cancellation)
    {
        public IEnumerator<JobState> Steps { get; } = steps.GetEnumerator();

        public CancellationToken Cancellation { get; } = cancellation;

        public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenRegistration Registration { get; set; }

        public bool Waits { get; set; }
    }
}
