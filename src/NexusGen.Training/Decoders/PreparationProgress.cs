using System.Globalization;
using NexusGen.Training.Logging;

namespace NexusGen.Training.Decoders;

/// <summary>How far a preparation is, told after each batch.</summary>
public sealed record PreparationProgress
{
    /// <summary>The samples that are prepared, those of an earlier run too.</summary>
    public required long Prepared { get; init; }

    /// <summary>The samples in all.</summary>
    public required long Samples { get; init; }

    /// <summary>The speed of this run so far.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The time that the samples left will take.</summary>
    public TimeSpan TimeLeft => TimeSpan.FromSeconds(Math.Min((Samples - Prepared) / Math.Max(SamplesPerSecond, 1e-9), 1e9));

    /// <summary>The report as a line for a console.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Prepared}/{Samples} samples  {SamplesPerSecond:0.#} samples/s  {TrainingProgress.Describe(TimeLeft)} left");
}
