using NexusGen.Training.Distributed;
using NexusGen.Training.Logging;
using NexusGen.Training.Loop;

namespace NexusGen.Tests.Training.Distributed;

/// <summary>Trains the toy objective on ranks that are threads.</summary>
internal static class RankedTraining
{
    /// <summary>Trains on several ranks, or on one without any group.</summary>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="configuration">The configuration, with the batch size of a rank.</param>
    /// <param name="folder">The folder of the training.</param>
    /// <param name="resume">Whether to resume.</param>
    /// <param name="stopAfter">The step after which the last rank asks to stop, or null.</param>
    public static TrainingReport[] Run(
        int ranks, ToyConfiguration configuration, string folder, bool resume = false, int? stopAfter = null) =>
        ThreadRanks.Run(ranks, collectives =>
        {
            using var task = new ToyObjective(configuration);
            using var stop = new CancellationTokenSource();
            task.Computing = place =>
            {
                // Before the agreement about the next step.
                if (collectives.Rank == ranks - 1 && place.Step + 1 == stopAfter)
                {
                    stop.Cancel();
                }
            };
            return new Trainer<ToyBatch>(task, configuration, folder)
            {
                Resume = resume,
                Group = ranks == 1 ? RankGroup.Alone : RankGroup.Unwatched(collectives),
            }.Run(stop.Token);
        });
}
