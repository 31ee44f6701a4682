using NexusGen.Training.Configuration;

namespace NexusGen.Tests.Training;

internal sealed record ToyConfiguration : TrainingConfiguration
{
    /// <summary>Width of the hidden layer.</summary>
    public int Width { get; init; } = 16;

    public long? LossIsNanAt { get; init; }

    public bool GradientIsInfinite { get; init; }

    public bool FreezeFirst { get; init; }

    public static ToyConfiguration Small { get; } =
        new() { Seed = 7, Steps = 12, BatchSize = 8, WarmupSteps = 2, LearningRate = 0.02, LogEvery = 1, CheckpointEvery = 100 };
}
