using NexusGen.Model;
using NexusGen.Training.Data;
using NexusGen.Training.Logging;
using TorchSharp;

namespace NexusGen.Training.Stages;

/// <summary>One run of a stage.</summary>
public sealed record StageRequest
{
    /// <summary>The model: its configurations, and the weights that are needed.</summary>
    public required ModelPaths Model { get; init; }

    /// <summary>The configuration's file; all defaults where null.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Values that stand above the file's, each as <c>key=value</c>.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>The training's folder: checkpoints, metrics, report.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether to go on from the folder's last checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether the weights go into the model's folder when all steps are taken.</summary>
    public bool Install { get; init; } = true;

    /// <summary>Where it is computed; the CPU where null.</summary>
    public torch.Device? Device { get; init; }

    /// <summary>Makes the data of a source that is no file; see <see cref="SampleMix"/>.</summary>
    public Func<string, ulong, ISampleData<TrainingSample>?>? Worlds { get; init; }

    /// <summary>Hears of each report; nobody where null.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Gets the reports as lines; nothing where null.</summary>
    public TextWriter? Console { get; init; }
}
