using System.Globalization;
using NexusGen.Training.Logging;

namespace NexusGen.Training.Decoders;

/// <summary>The progress of a preparation, reported after each batch.</summary>
internal sealed record DecoderDatasetProgress
{
    /// <summary>The number of samples that are prepared, including those of earlier runs.</summary>
    public required long Prepared { get; init; }

    /// <summary>The total number of samples.</summary>
    public required long Samples { get; init; }

    /// <summary>The average speed of this run so far.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The estimated remaining time.</summary>
    public TimeSpan TimeLeft => TimeSpan.FromSeconds(Math.Min((Samples - Prepared) / Math.Max(SamplesPerSecond, 1e-9), 1e9));

    /// <summary>Formats the report as a line for a console.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prepared}/{Samples} samples  {SamplesPerSecond:0.#} samples/s  {TrainingProgress.Describe(TimeLeft)} left");
}
