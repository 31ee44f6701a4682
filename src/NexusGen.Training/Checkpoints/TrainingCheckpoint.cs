using NexusGen.Core;
using NexusGen.Training.Core;
using NexusGen.Training.Distributed;
using NexusGen.Training.Optimization;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// Everything that a training run needs to resume as if it had never stopped, in one folder: <c>weights/</c> with the names that
/// models are loaded by, <c>average/</c> with the moving average in the same format, <c>optimizer</c> with moments and float32
/// master weights, <c>state.json</c>, and the configuration.
/// </summary>
internal sealed class TrainingCheckpoint
{
    /// <summary>The name of the folder with the weights.</summary>
    public const string WeightsName = "weights";

    /// <summary>The name of the folder with the averaged weights.</summary>
    public const string AverageName = "average";

    internal const string StateName = "state.json", ConfigurationName = "configuration.yaml";

    private readonly IReadOnlyList<SavedWeights> _weights;
    private readonly SavedWeights _optimizer = new("optimizer", []);
    private readonly Dictionary<Parameter, string> _names = [];

    /// <summary>Initializes the description of what is saved.</summary>
    /// <param name="weights">The weight files.</param>
    /// <param name="trained">The parameters that are trained.</param>
    /// <exception cref="TrainingException">Two files have the same name, or a trained parameter is in none of them.</exception>
    internal TrainingCheckpoint(IReadOnlyList<SavedWeights> weights, IEnumerable<Parameter> trained)
    {
        _weights = weights;
        if (weights.GroupBy(file => file.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new TrainingException($"Two weight files have the name {twice.Key}.");
        }

        foreach (SavedWeights file in weights)
        {
            foreach (SavedTensor tensor in file.Tensors)
            {
                _names[tensor.Parameter] = $"{file.Name}:{tensor.Name}";
            }
        }

        if (trained.FirstOrDefault(parameter => !_names.ContainsKey(parameter)) is { } missing)
        {
            throw new TrainingException($"The parameter {missing.Name} is trained, but no weight file contains it.");
        }
    }

    /// <summary>Gets the ranks that write the checkpoint together.</summary>
    internal ICollectives Collectives { get; init; } = SingleProcess.Instance;

    /// <summary>Called after each file of a checkpoint is written. For tests that end the process at that point.</summary>
    internal Action<string>? PartWritten { get; set; }

    /// <summary>Finds the newest checkpoint of a training run.</summary>
    /// <param name="folder">The folder of the training run.</param>
    /// <returns>The folder of the checkpoint, or null if there is none.</returns>
    public static string? Latest(string folder) => Checkpoints(folder).Latest;

    /// <summary>Finds the checkpoint with the lowest validation loss of a training run.</summary>
    /// <param name="folder">The folder of the training run.</param>
    /// <returns>The folder of the checkpoint, or null if no checkpoint was validated.</returns>
    public static string? Best(string folder) => Checkpoints(folder).Best?.Path;

    /// <summary>Returns the checkpoints of a training run.</summary>
    internal static CheckpointFolder Checkpoints(string folder) => new(Path.Combine(folder, "checkpoints"));

    /// <summary>
    /// Writes all files of a checkpoint. All ranks write into the same folder: the shards of large files take turns, and what the
    /// ranks have in pieces is assembled by the one that writes it.
    /// </summary>
    internal void Write(string folder, AdamW optimizer, WeightAverage? average, TrainingState state, string configuration)
    {
        using IDisposable inference = no_grad();
        foreach (SavedWeights file in _weights)
        {
            file.Write(Path.Combine(folder, WeightsName), file.Describe(), IsOurs);
            PartWritten?.Invoke(file.Name);
            if (average is not null)
            {
                WriteAverage(folder, file, average, optimizer.Partition);
                PartWritten?.Invoke($"{file.Name} (average)");
            }
        }

        WriteOptimizer(folder, optimizer);
        PartWritten?.Invoke("optimizer");
        if (Collectives.Rank == 0)
        {
            WriteFile(Path.Combine(folder, ConfigurationName), System.Text.Encoding.UTF8.GetBytes(configuration));
            WriteFile(Path.Combine(folder, StateName), (state with { OptimizerSteps = optimizer.Steps }).ToJson());
        }

        PartWritten?.Invoke("state");
    }

    /// <summary>Adds the validation results to a checkpoint that was written before its validation was completed.</summary>
    internal static void Complete(string folder, TrainingState state)
    {
        string path = Path.Combine(folder, StateName), temporary = path + ".new";
        TrainingState written = TrainingState.Read(path);
        if (written.ValidationDue && !state.ValidationDue)
        {
            WriteFile(
                temporary,
                (written with { Validation = state.Validation, ValidationDue = false, Hours = state.Hours }).ToJson());
            File.Move(temporary, path, overwrite: true);
            DurableFolder.Flush(folder);
        }
    }

    /// <summary>Reads the weights.</summary>
    /// <exception cref="NexusGenException">The weights can't be read or belong to another model.</exception>
    internal void ReadWeights(string folder)
    {
        using IDisposable inference = no_grad();
        foreach (SavedWeights file in _weights)
        {
            file.Read(Path.Combine(folder, WeightsName));
        }
    }

    /// <summary>Reads the tensors of the optimizer.</summary>
    /// <exception cref="NexusGenException">The tensors can't be read or belong to another model.</exception>
    internal void ReadOptimizer(string folder, AdamW optimizer, TrainingState state)
    {
        using ITensorStore store = _optimizer.Open(folder);
        optimizer.Restore(
            state.OptimizerSteps,
            (parameter, kind) => SavedWeights.Read(store, NameOf(parameter, kind), parameter.Value));
    }

    /// <summary>
    /// Reads the moving average if the checkpoint has one. Otherwise the average keeps its initial values, the weights.
    /// </summary>
    /// <exception cref="NexusGenException">The average can't be read or belongs to another model.</exception>
    internal void ReadAverage(string folder, WeightAverage average)
    {
        string averages = Path.Combine(folder, AverageName);
        if (!Directory.Exists(averages))
        {
            return;
        }

        using IDisposable inference = no_grad();
        foreach (SavedWeights file in _weights)
        {
            file.Read(averages, average.Owns, average.Restore);
        }
    }

    private bool IsOurs(int shard) => RankOf(shard) == Collectives.Rank;

    private int RankOf(int shard) => shard % Collectives.Size;

    private void WriteAverage(string folder, SavedWeights file, WeightAverage average, ParameterPartition? partition)
    {
        string averages = Path.Combine(folder, AverageName);
        if (partition is null)
        {
            file.Write(averages, file.Describe(average.Of), IsOurs);
            return;
        }

        TensorAssembly.Write(
            Collectives,
            [
                .. file.Tensors.Zip(file.Describe()).Select(tensor => average.Parameters.Contains(tensor.First.Parameter)
                    ? SavedWeights.Describe(
                        tensor.First, root => partition.Collect(tensor.First.Parameter, average.Of, root))
                    : new AssembledTensor(tensor.Second, null)),
            ],
            tensors => file.Write(averages, tensors, IsOurs),
            RankOf);
    }

    private void WriteOptimizer(string folder, AdamW optimizer)
    {
        if (optimizer.Partition is not { } partition)
        {
            _optimizer.Write(
                folder, optimizer.State.Select(part => TensorToWrite.Of(NameOf(part.Parameter, part.Kind), part.Value)), IsOurs);
            return;
        }

        TensorAssembly.Write(
            Collectives,
            [
                .. optimizer.Parameters.SelectMany(parameter => AdamW.KindsOf(parameter).Select(kind => SavedWeights.Describe(
                    new SavedTensor(NameOf(parameter, kind), parameter),
                    root => partition.Collect(parameter, piece => optimizer.StateOf(piece, kind), root)))),
            ],
            tensors => _optimizer.Write(folder, tensors, IsOurs),
            RankOf);
    }

    private static void WriteFile(string path, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    private string NameOf(Parameter parameter, string kind) => $"{_names[parameter]}.{kind}";
}
