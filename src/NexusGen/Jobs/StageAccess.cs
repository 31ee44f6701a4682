using NexusGen.Engine;
using NexusGen.Requests;

namespace NexusGen.Jobs;

/// <summary>Waits for a stage inside a job.</summary>
internal static class StageAccess
{
    /// <summary>Steps that end when the stage is leased.</summary>
    /// <param name="cache">Loads it.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="take">Takes the lease.</param>
    /// <param name="progress">Is told when there is something to wait for.</param>
    public static IEnumerable<JobState> Acquire<T>(StageCache cache, Stage<T> stage, Action<StageLease<T>> take, IProgress<ProgressReport>? progress)
        where T : class, IDisposable
    {
        bool told = false;
        while (true)
        {
            if (cache.TryAcquire(stage) is { } lease)
            {
                take(lease);
                if (told)
                {
                    progress?.Report(new ProgressReport(ProgressPhase.Loading, 1, 1, stage.Name));
                }

                yield break;
            }

            if (!told)
            {
                told = true;
                progress?.Report(new ProgressReport(ProgressPhase.Loading, 0, 1, stage.Name));
            }

            yield return JobState.Waiting;
        }
    }
}
