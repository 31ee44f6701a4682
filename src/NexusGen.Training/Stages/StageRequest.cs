using NexusGen.Model;
using NexusGen.Training.Data;
using NexusGen.Training.Distributed;
using NexusGen.Training.Logging;
using TorchSharp;

namespace NexusGen.Training.Stages;

/// <summary>The options of one run of a stage.</summary>
public sealed record StageRequest
{
    /// <summary>The model, with its configuration and the weights that the stage needs.</summary>
    public required ModelPaths Model { get; init; }

    /// <summary>The configuration file, or null for the default configuration.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Values that override those of the configuration file, each as <c>key=value</c>.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>The folder of the training run, for checkpoints, metrics and report.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether to resume from the last checkpoint in the folder.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether to install the weights in the model folder when all steps have been taken.</summary>
    public bool Install { get; init; } = true;

    /// <summary>The device to compute on, or null for the CPU.</summary>
    public torch.Device? Device { get; init; }

    /// <summary>Creates the data of a source that is not a file; see <see cref="SampleMix"/>.</summary>
    public Func<string, ulong, ISampleData<TrainingSample>?>? Worlds { get; init; }

    /// <summary>The ranks that run the stage together, each with the same request.</summary>
    internal RankGroup Group { get; init; } = RankGroup.Alone;

    /// <summary>Receives each report, or null for none.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Receives each report as a line of text, or null for none.</summary>
    public TextWriter? Console { get; init; }
}
