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
}
