using NexusGen.Training.Configuration;

namespace NexusGen.Cli.Ablation;

/// <summary>The settings of a comparison, which are the same for all arms: training budget, test cases and device.</summary>
internal sealed record AblationSettings
{
    /// <summary>The steps of the shared start, which learns to understand images.</summary>
    public required int StartSteps { get; init; }

    /// <summary>The steps of an arm whose share is 1.</summary>
    public required int Steps { get; init; }

    /// <summary>The number of trainings of each arm, each with another seed and other data.</summary>
    public required int Seeds { get; init; }

    /// <summary>The held-out cases of each task that each model is scored on.</summary>
    public required int Cases { get; init; }

    /// <summary>The conversations in a training step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The maximum number of objects in an image.</summary>
    public required int MaxObjects { get; init; }

    /// <summary>The CPU threads of a training.</summary>
    public required int Threads { get; init; }

    /// <summary>The device that computes: cpu, cuda, cuda:1 or mps.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The maximum number of cases that are evaluated concurrently and share forward passes.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>
    /// Divides the threads of a training. On the CPU one worker creates data; on another device all threads do, except the one
    /// that drives the device.
    /// </summary>
    /// <typeparam name="T">The type of the configuration.</typeparam>
    /// <param name="configuration">The training configuration.</param>
    public T Share<T>(T configuration)
        where T : TrainingConfiguration
    {
        int workers = Device == "cpu" ? 1 : Math.Max(1, Threads - 1);
        return configuration with { Threads = Device == "cpu" ? Threads : 1, Workers = workers, Prefetch = 3 * workers };
    }
}
