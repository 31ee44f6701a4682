using NexusGen.Training.Core;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// A weight file of a checkpoint, with the tensor names that the model is loaded by. Large weights are written as several shards
/// with an index. Modules of different types may share a file, as in the official checkpoints.
/// </summary>
/// <param name="Name">The path relative to the checkpoint's weight folder, without extension; for example <c>model</c>.</param>
/// <param name="Tensors">The tensors of the file.</param>
internal sealed record SavedWeights(string Name, IReadOnlyList<SavedTensor> Tensors)
{
    /// <summary>The prefix of file names that are only needed to resume the training.</summary>
    public const string ThrowAway = "training/";

    /// <summary>Gets what the header of the file says beside the tensors, or null for nothing.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Creates a file with one module.</summary>
    /// <param name="name">The path relative to the checkpoint's weight folder, without extension.</param>
    /// <param name="module">The module.</param>
    /// <param name="names">Maps the model's names to those of the file, or null if they are the same.</param>
    /// <param name="prefix">The prefix of all names in the file, including its trailing dot.</param>
    public static SavedWeights Of(string name, Module module, NameTable? names = null, string prefix = "") =>
        new SavedWeights(name, []).With(module, names, prefix);

    /// <summary>Returns the same file with an additional module.</summary>
    /// <inheritdoc cref="Of"/>
    /// <exception cref="WeightException">The name table has no entry for a parameter.</exception>
    public SavedWeights With(Module module, NameTable? names = null, string prefix = "") =>
        this with { Tensors = [.. Tensors, .. module.Parameters.Select(parameter => Describe(parameter, names, prefix))] };

    /// <summary>Writes the file.</summary>
    /// <param name="folder">The folder that <see cref="Name"/> is relative to.</param>
    internal void Write(string folder) => Write(folder, Describe());

    /// <summary>Writes tensors to one file, or to several shards if they are large.</summary>
    /// <param name="folder">The folder that <see cref="Name"/> is relative to.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="isOurs">Whether this process writes a shard, or null to write all.</param>
    internal void Write(string folder, IEnumerable<TensorToWrite> tensors, Func<int, bool>? isOurs = null) =>
        SafetensorsWriter.WriteSharded(
            Path.GetDirectoryName(BasePath(folder))!,
            tensors,
            Path.GetFileName(BasePath(folder)),
            metadata: Metadata,
            isOurs: isOurs);

    /// <summary>Describes the tensors of the file.</summary>
    /// <param name="valueOf">Returns the value to write for a parameter, or null to write the parameter's own.</param>
    internal IEnumerable<TensorToWrite> Describe(Func<Parameter, Tensor>? valueOf = null) =>
        Tensors.Select(tensor => ToWrite(tensor, valueOf?.Invoke(tensor.Parameter) ?? tensor.Parameter.Value));

    /// <summary>Describes a float32 tensor of the file that the ranks have in pieces.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="collect">Assembles the value of the parameter on a rank.</param>
    internal static AssembledTensor Describe(SavedTensor tensor, Func<int, Tensor?> collect)
    {
        Parameter parameter = tensor.Parameter;
        var described = new TensorToWrite(
            tensor.Name, ScalarType.Float32, [.. parameter.Value.shape], () => parameter.Value.alias());
        return new AssembledTensor(described, collect)
        {
            Finish = value =>
            {
                Tensor changed = RenamedWeights.Apply(value, tensor.Change);
                if (!ReferenceEquals(changed, value))
                {
                    value.Dispose();
                }

                return changed;
            },
        };
    }

    /// <summary>Copies the values of a written file into the parameters.</summary>
    /// <param name="folder">The folder that <see cref="Name"/> is relative to.</param>
    /// <exception cref="TrainingException">A tensor is missing or has another shape.</exception>
    internal void Read(string folder) => Read(folder, _ => true, (parameter, value) => parameter.Value.copy_(value));

    /// <summary>Reads a written file.</summary>
    /// <param name="folder">The folder that <see cref="Name"/> is relative to.</param>
    /// <param name="wanted">Whether the value of a parameter is needed; the others are not read.</param>
    /// <param name="restore">Receives each parameter and its stored value, which is disposed afterwards.</param>
    /// <exception cref="TrainingException">A tensor is missing or has another shape.</exception>
    internal void Read(string folder, Func<Parameter, bool> wanted, Action<Parameter, Tensor> restore)
    {
        using ITensorStore store = Open(folder);
        foreach (SavedTensor tensor in Tensors.Where(tensor => wanted(tensor.Parameter)))
        {
            using var scope = NewDisposeScope();
            using Tensor stored = Read(store, tensor.Name, tensor.Parameter.Value);
            restore(tensor.Parameter, RenamedWeights.Apply(stored, tensor.Change));
        }
    }

    /// <summary>Opens the written file or its index.</summary>
    internal ITensorStore Open(string folder)
    {
        string path = $"{BasePath(folder)}.safetensors";
        return TensorStore.Open(File.Exists(path) ? path : $"{path}.index.json");
    }

    /// <summary>Reads a tensor that must have the same shape as another one.</summary>
    /// <exception cref="TrainingException">The tensor is missing or has another shape.</exception>
    internal static Tensor Read(ITensorStore store, string name, Tensor like)
    {
        if (!store.Entries.TryGetValue(name, out TensorEntry? entry) || !entry.Shape.AsSpan().SequenceEqual(like.shape))
        {
            string found = entry is null ? "lacks" : $"has, with the shape [{string.Join(", ", entry.Shape)}],";
            throw new TrainingException(
                $"{store.Location} {found} the tensor {name} [{string.Join(", ", like.shape)}]: the checkpoint is of another "
                + "model or has other options; resume it with the configuration that it was started with.");
        }

        return store.Read(entry);
    }

    private static SavedTensor Describe(Parameter parameter, NameTable? names, string prefix)
    {
        if (names is null)
        {
            return new SavedTensor(prefix + parameter.Name, parameter);
        }

        return names.ToFile(parameter.Name) is ({ } name, var change)
            ? new SavedTensor(prefix + name, parameter, change)
            : throw new WeightException($"The name table has no entry for the tensor {parameter.Name}.");
    }

    private static TensorToWrite ToWrite(SavedTensor tensor, Tensor value)
    {
        if (tensor.Change == TensorChange.None)
        {
            return TensorToWrite.Of(tensor.Name, value);
        }

        return new TensorToWrite(tensor.Name, value.dtype, [.. value.shape], () =>
        {
            using var scope = NewDisposeScope();
            return RenamedWeights.Apply(value, tensor.Change).MoveToOuterDisposeScope();
        });
    }

    private string BasePath(string folder) => Path.Combine(Path.GetFullPath(folder), Name);
}
