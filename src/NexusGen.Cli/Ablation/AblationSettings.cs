using System.Text.Json.Serialization;

namespace NexusGen.Cli.Ablation;

/// <summary>How much is spent on a comparison; the same for all that is compared.</summary>
internal sealed record AblationSettings
{
    /// <summary>Steps of the common start, which learns to read pictures.</summary>
    public required int StartSteps { get; init; }

    /// <summary>Steps of each way to train.</summary>
    public required int Steps { get; init; }

    /// <summary>How often each is trained, with other data.</summary>
    public required int Seeds { get; init; }

    /// <summary>Held-out cases that each is scored on, for each task.</summary>
    public required int Cases { get; init; }

    /// <summary>Conversations a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The most objects in a picture.</summary>
    public required int MaxObjects { get; init; }

    /// <summary>Threads of a training.</summary>
    public required int Threads { get; init; }

    /// <summary>Where it is computed: cpu, cuda, cuda:1 or mps.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>How many cases are asked at once and share passes.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>How the trainings share the threads: on a device of its own all but the one that drives it make data.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Sharing
    {
        get
        {
            int workers = Device == "cpu" ? 1 : Math.Max(1, Threads - 1);
            return [$"threads={(Device == "cpu" ? Threads : 1)}", $"workers={workers}", $"prefetch={3 * workers}"];
        }
    }
}
