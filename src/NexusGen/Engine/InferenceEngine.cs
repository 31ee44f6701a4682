using static TorchSharp.torch;

namespace NexusGen.Engine;

/// <summary>
/// Runs jobs step by step, in turn, on its own thread. Grad mode and dispose scopes belong to threads, so all tensor
/// operations of all jobs run on this thread. The engine knows nothing about models: a job is an asynchronous method, and a step
/// is the code between two calls of <see cref="JobContext.NextStep"/> or <see cref="JobContext.WaitForChange"/>.
/// </summary>
/// <remarks>
/// Safe to call from any thread. Every step runs without autograd and in its own dispose scope, so a tensor that must outlive its
/// step has to be detached from the scope, and a scope that a job opens has to be closed within the step. A cancelled job ends
/// before its next step; its <c>finally</c> blocks run on the engine's thread.
/// </remarks>
internal sealed class InferenceEngine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _changed = new(false);
    private readonly LinkedList<JobContext> _jobs = new();
    private readonly Thread _thread;
    private long _wakes;
    private bool _stopping;

    /// <summary>Initializes the engine and starts its thread.</summary>
    /// <param name="owner">The name that an <see cref="ObjectDisposedException"/> reports.</param>
    public InferenceEngine(string? owner = null)
    {
        Owner = owner ?? nameof(InferenceEngine);
        _thread = new Thread(Loop) { IsBackground = true, Name = "Nexus-Gen engine" };
        _thread.Start();
    }

    /// <summary>Gets the number of jobs that were accepted and have not ended.</summary>
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

    /// <summary>Gets the name that an <see cref="ObjectDisposedException"/> reports.</summary>
    internal string Owner { get; }

    /// <summary>Runs a job.</summary>
    /// <typeparam name="T">The type of its result.</typeparam>
    /// <param name="job">The job. It starts on the engine's thread.</param>
    /// <param name="cancellationToken">Cancels the job before its next step.</param>
    /// <returns>
    /// The result of the job. Fails with what the job throws, or with <see cref="ObjectDisposedException"/> if the engine is
    /// disposed before the job ends.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Task<T> RunAsync<T>(Func<JobContext, Task<T>> job, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new JobContext(this, cancellationToken);
        context.Begin(job, completion);
        lock (_gate)
        {
            if (_stopping)
            {
                throw new ObjectDisposedException(Owner);
            }

            _jobs.AddLast(context);
        }

        Wake();
        context.Registration = cancellationToken.UnsafeRegister(_ => Wake(), null);
        return completion.Task;
    }

    /// <summary>Resumes the jobs that are waiting for a change.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _wakes++;
            foreach (JobContext job in _jobs)
            {
                job.Waits = false;
            }
        }

        _changed.Set();
    }

    /// <summary>
    /// Waits for the step that is running, fails all jobs with <see cref="ObjectDisposedException"/>, and ends the thread.
    /// </summary>
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

    /// <summary>Stores what a job does next. Called on any thread: a job may await a task of the thread pool.</summary>
    /// <param name="job">The job.</param>
    /// <param name="next">The rest of the job.</param>
    /// <param name="waits">Whether the job waits for <see cref="Wake"/>.</param>
    internal void Suspend(JobContext job, Action next, bool waits)
    {
        lock (_gate)
        {
            job.Next = next;

            // A change that happened while the step was running must not be missed.
            job.Waits = waits && _wakes == job.WakesBefore;
        }

        _changed.Set();
    }

    private void Loop()
    {
        while (true)
        {
            JobContext? job = NextJob(out bool stopping);
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
                RunStep(job);
                MoveToTheEnd(job);
            }
        }
    }

    // Behind the jobs that were added during the step, so that every job has its turn.
    private void MoveToTheEnd(JobContext job)
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
    private JobContext? NextJob(out bool stopping)
    {
        lock (_gate)
        {
            stopping = _stopping;
            for (LinkedListNode<JobContext>? node = _jobs.First; node is not null; node = node.Next)
            {
                JobContext job = node.Value;
                if (job.Next is not null && (!job.Waits || job.CancellationToken.IsCancellationRequested))
                {
                    return job;
                }
            }

            return null;
        }
    }

    private void RunStep(JobContext job)
    {
        Action next;
        lock (_gate)
        {
            (next, job.Next) = (job.Next!, null);
            job.WakesBefore = _wakes;
        }

        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(job);
        try
        {
            using IDisposable inference = no_grad();
            using var scope = NewDisposeScope();
            next();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        if (job.IsCompleted)
        {
            End(job);
        }
    }

    private void End(JobContext job)
    {
        job.Registration.Dispose();
        lock (_gate)
        {
            _jobs.Remove(job);
        }

        job.Complete();

        // Other jobs may have been waiting for what this one held.
        Wake();
    }

    private void EndAll()
    {
        JobContext[] jobs;
        lock (_gate)
        {
            jobs = [.. _jobs];
        }

        foreach (JobContext job in jobs)
        {
            // The callers did not ask for this end, so it is not a cancellation. Resuming the job makes it throw and clean up.
            job.Stop();
            while (!job.IsCompleted && job.Next is not null)
            {
                RunStep(job);
            }

            if (!job.IsCompleted)
            {
                End(job);
            }
        }
    }
}
