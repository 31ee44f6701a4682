namespace NexusGen.Server.Background;

/// <summary>Orders the jobs of each group (<see cref="BackgroundJob.Group"/>) one after another. Thread-safe.</summary>
internal sealed class JobGroups
{
    private readonly Lock _gate = new();

    // The last job of each group.
    private readonly Dictionary<string, BackgroundRun> _last = [];

    /// <summary>Adds a job to its group.</summary>
    /// <returns>A task that completes when the job before it has ended.</returns>
    public Task Enter(BackgroundRun run)
    {
        if (run.Job.Group is not { } group)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            Task before = _last.GetValueOrDefault(group)?.Ended ?? Task.CompletedTask;
            _last[group] = run;
            return before;
        }
    }

    /// <summary>Removes a job that has ended.</summary>
    public void Leave(BackgroundRun run)
    {
        lock (_gate)
        {
            if (run.Job.Group is { } group && _last.GetValueOrDefault(group) == run)
            {
                _last.Remove(group);
            }
        }
    }
}
