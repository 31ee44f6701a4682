using System.Globalization;

namespace NexusGen.Training.Logging;

/// <summary>What a training came to and what it cost, over all runs that it was broken into.</summary>
public sealed record TrainingReport
{
    /// <summary>Whether all steps were taken; false where it was stopped.</summary>
    public required bool Finished { get; init; }

    /// <summary>Steps taken.</summary>
    public required long Steps { get; init; }

    /// <summary>Samples seen.</summary>
    public required long Samples { get; init; }

    /// <summary>Hours of computing.</summary>
    public required double Hours { get; init; }

    /// <summary>Floating-point operations of the model, forward and backward; null where none was counted.</summary>
    public required double? Flops { get; init; }

    /// <summary>The most memory that the process held, in bytes; on the host, not on a device.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>The lowest validation loss; null where nothing was validated.</summary>
    public required double? BestValidationLoss { get; init; }

    /// <summary>The folder of the last checkpoint; null where none was written.</summary>
    public required string? LastCheckpoint { get; init; }

    /// <summary>The folder of the checkpoint of the lowest validation loss; null where there is none.</summary>
    public required string? BestCheckpoint { get; init; }

    /// <summary>The report in a sentence.</summary>
    public override string ToString()
    {
        string flops = Flops is { } count ? string.Create(CultureInfo.InvariantCulture, $", {count:0.###e+0} floating-point operations") : "";
        string best = BestValidationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $"; lowest validation loss {loss:0.#####}") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(Finished ? "finished" : "stopped")} after {Steps} steps: {Samples} samples in {Hours:0.00} hours{flops}, "
            + $"{PeakMemory / (double)(1 << 20):0} MiB of memory at most{best}");
    }
}
