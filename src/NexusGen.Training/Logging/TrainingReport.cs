using System.Globalization;

namespace NexusGen.Training.Logging;

/// <summary>The results and the cost of a training, over all its runs.</summary>
public sealed record TrainingReport
{
    /// <summary>
    /// Gets whether all steps were taken and the last validation was completed; false if the training was stopped.
    /// </summary>
    public required bool Finished { get; init; }

    /// <summary>Gets the number of steps taken.</summary>
    public required long Steps { get; init; }

    /// <summary>Gets the number of samples seen.</summary>
    public required long Samples { get; init; }

    /// <summary>Gets the duration of the training in hours, including validation.</summary>
    public required double Hours { get; init; }

    /// <summary>
    /// Gets the floating-point operations of the model, forward and backward, or null if they were not counted.
    /// </summary>
    public required double? Flops { get; init; }

    /// <summary>Gets the peak memory of the process in bytes, on the host and not on a device.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>Gets the lowest validation loss of the kept checkpoints, or null if none was validated.</summary>
    public required double? BestValidationLoss { get; init; }

    /// <summary>Gets the folder of the last checkpoint, or null if none was written.</summary>
    public required string? LastCheckpoint { get; init; }

    /// <summary>Gets the folder of the checkpoint with the lowest validation loss, or null if there is none.</summary>
    public required string? BestCheckpoint { get; init; }

    /// <summary>Formats the report as a sentence.</summary>
    public override string ToString()
    {
        string flops = Flops is { } count
            ? string.Create(CultureInfo.InvariantCulture, $", {count:0.###e+0} floating-point operations")
            : "";
        string best = BestValidationLoss is { } loss
            ? string.Create(CultureInfo.InvariantCulture, $"; lowest validation loss {loss:0.#####}")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(Finished ? "finished" : "stopped")} after {Steps} steps: {Samples} samples in {Hours:0.00} hours{flops}, "
            + $"peak memory {PeakMemory / (double)(1 << 20):0} MiB{best}");
    }
}
