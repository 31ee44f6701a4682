using System.Text.Json;
using NexusGen.Core;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Logging;
using NexusGen.Training.Loop;

namespace NexusGen.Tests.Training;

/// <summary>Trains the toy objective and reads the files of the training.</summary>
internal static class ToyTraining
{
    public const string Command = "train-toy-and-stall";

    /// <summary>
    /// A configuration in which the complete state matters: master weights, average, accumulation, prefetched batches.
    /// </summary>
    public static ToyConfiguration Full { get; } = ToyConfiguration.Small with
    {
        Precision = Precision.BFloat16,
        EmaDecay = 0.9,
        Accumulate = 2,
        Workers = 2,
        CheckpointEvery = 2,
        KeepLast = 1,
        KeepBest = false,
    };

    public static TrainingReport Run(
        ToyConfiguration configuration, string folder, bool resume = false, int? stopAfter = null, bool save = true)
    {
        using var task = new ToyObjective(configuration);
        return Run(task, configuration, folder, resume, stopAfter, save);
    }

    public static TrainingReport Run(
        ToyObjective task, ToyConfiguration configuration, string folder, bool resume = false, int? stopAfter = null,
        bool save = true)
    {
        using var stop = new CancellationTokenSource();
        var progress = new Listener<TrainingProgress>(report =>
        {
            if (report.Step == stopAfter)
            {
                stop.Cancel();
            }
        });
        return new Trainer<ToyBatch>(task, configuration, folder)
        {
            Resume = resume,
            SaveWhenStopped = save,
            Progress = progress
        }.Run(stop.Token);
    }

    /// <summary>
    /// Trains until the given file of a checkpoint is written, creates the marker file, and waits to be killed.
    /// </summary>
    public static int RunAndStall(string folder, int stallAt, string marker)
    {
        using var task = new ToyObjective(Full);
        int parts = 0;
        new Trainer<ToyBatch>(task, Full, folder)
        {
            PartWritten = _ =>
            {
                if (++parts == stallAt)
                {
                    File.WriteAllText(marker, "");
                    Thread.Sleep(Timeout.Infinite);
                }
            },
        }.Run();
        return 0;
    }

    /// <summary>Reads steps, losses and gradient norms from metrics.jsonl, with all their digits.</summary>
    public static IReadOnlyList<(long Step, double Loss, double Norm)> Losses(string folder) =>
    [
        .. from line in File.ReadAllLines(Path.Combine(folder, "metrics.jsonl"))
           let json = JsonDocument.Parse(line).RootElement
           where json.TryGetProperty("loss", out _)
           select (
               json.GetProperty("step").GetInt64(),
               json.GetProperty("loss").GetDouble(),
               json.GetProperty("gradient_norm").GetDouble()),
    ];

    /// <summary>Reads the lines of validations from metrics.jsonl.</summary>
    public static IReadOnlyList<string> Validations(string folder) =>
        [
            .. File.ReadAllLines(Path.Combine(folder, "metrics.jsonl"))
                .Where(line => line.Contains("\"validation\"", StringComparison.Ordinal))
        ];

    /// <summary>Returns the names of the checkpoints, and of any other folders beside them.</summary>
    public static string[] Checkpoints(string folder) =>
        [
            .. Directory.GetDirectories(Path.Combine(folder, "checkpoints"))
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
        ];

    /// <summary>Reads all tensor files of the newest checkpoint, as bytes.</summary>
    public static Dictionary<string, byte[]> Tensors(string folder) =>
        Directory.GetFiles(TrainingCheckpoint.Latest(folder)!, "*.safetensors", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(TrainingCheckpoint.Latest(folder)!, path), File.ReadAllBytes);
}
