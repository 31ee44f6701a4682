using NexusGen.Cli.Core;
using NexusGen.Cli.Training;
using NexusGen.Training.Configuration;
using NexusGen.Training.Distributed;
using NexusGen.Training.Loop;

namespace NexusGen.Tests.Training.Distributed;

/// <summary>
/// Trains the toy objective on the ranks that a launcher started; one of them may stall at a phase, to be killed.
/// </summary>
internal static class MpiTraining
{
    public const string Command = "train-toy-on-ranks";

    public static IReadOnlyList<string> Phases { get; } = ["start", "data", "forward", "backward", "checkpoint"];

    public static ToyConfiguration Configuration(int ranks) => ToyConfiguration.Small with
    {
        BatchSize = 12 / ranks,
        EmaDecay = 0.9,
        CheckpointEvery = 4,
        Shard = Shard.Optimizer,
        Workers = 1,
    };

    /// <summary>Runs this rank.</summary>
    /// <param name="folder">The folder of the training.</param>
    /// <param name="phase">The phase in which the last rank stalls in the second half of the training, or "none".</param>
    /// <param name="marker">The file into which the stalled rank writes its process id.</param>
    public static int Run(string folder, string phase, string marker)
    {
        var launch = Launch.Detect();
        bool stalls = launch.Rank == launch.Size - 1;
        void Reach(string reached)
        {
            if (stalls && reached == phase)
            {
                // Batches are made in advance.
                while (phase != "start" && !Directory.Exists(Path.Combine(folder, "checkpoints", "step-00000004")))
                {
                    Thread.Sleep(20);
                }

                File.WriteAllText(marker + ".new", $"{Environment.ProcessId}");
                File.Move(marker + ".new", marker);
                Thread.Sleep(Timeout.Infinite);
            }
        }

        Reach("start");
        using var interrupt = new Interrupt(launched: true);
        using RankGroup group = Ranks.Join(Terminal.OfProcess());
        ToyConfiguration configuration = Configuration(launch.Size);
        using var task = new ToyObjective(configuration)
        {
            Preparing = place => ReachLater(place.Step, "data"),
            Computing = place => ReachLater(place.Step, "forward"),
            GoingBack = place => ReachLater(place.Step, "backward"),
        };
        bool finished = group.Run(() => new Trainer<ToyBatch>(task, configuration, folder)
        {
            Resume = true,
            Group = group,
            Console = Console.Out,
            PartWritten = _ =>
            {
                if (ToyTraining.Checkpoints(folder).Contains("step-00000004"))
                {
                    Reach("checkpoint");
                }
            },
        }.Run(interrupt.Token)).Finished;
        return finished ? 0 : ExitCode.Cancelled;

        void ReachLater(long step, string reached)
        {
            if (step >= 5)
            {
                Reach(reached);
            }
        }
    }
}
