using NexusGen.Training.Core;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// A file of weights in a checkpoint, under the names that the model is loaded by (several files and an index where it is
/// large). Modules of several kinds may share a file, as in official checkpoints.
/// </summary>
/// <param name="Name">Its path below the checkpoint's folder of weights, without ending; for example <c>model</c>.</param>
/// <param name="Tensors">What it holds.</param>
public sealed record SavedWeights(string Name, IReadOnlyList<SavedTensor> Tensors)
{
    /// <summary>What the names of files begin with that are of no use but to go on with the training.</summary>
    public const string ThrowAway = "training/";

    /// <summary>A file of one module.</summary>
    /// <param name="name">Its path below the checkpoint's folder of weights, without ending.</param>
    /// <param name="module">The module.</param>
    /// <param name="names">The model's and the file's names, where they differ.</param>
    /// <param name="prefix">What stands before the names in the file, with its last dot.</param>
    public static SavedWeights Of(string name, Module module, NameTable? names = null, string prefix = "") =>
        new SavedWeights(name, []).With(module, names, prefix);

    /// <summary>The same file with a further module.</summary>
    /// <inheritdoc cref="Of"/>
    /// <exception cref="WeightException">The table of names does not know a parameter.</exception>
    public SavedWeights With(Module module, NameTable? names = null, string prefix = "") =>
        this with { Tensors = [.. Tensors, .. module.Parameters.Select(parameter => Describe(parameter, names, prefix))] };

    /// <summary>Writes the file.</summary>
    /// <param name="folder">The folder that <see cref="Name"/> is below.</param>
    /// <param name="valueOf">The value to write for a parameter; its own where null.</param>
    internal void Write(string folder, Func<Parameter, Tensor>? valueOf = null) =>
        Write(folder, Tensors.Select(tensor => ToWrite(tensor, valueOf?.Invoke(tensor.Parameter) ?? tensor.Parameter.Value)));

    /// <summary>Writes tensors to a file, or to several where they are large.</summary>
    internal void Write(string folder, IEnumerable<TensorToWrite> tensors) =>
        SafetensorsWriter.WriteSharded(Path.GetDirectoryName(BasePath(folder))!, tensors, Path.GetFileName(BasePath(folder)));

    /// <summary>Copies the values of a written file into the parameters, or into what stands for them.</summary>
    /// <param name="folder">The folder that <see cref="Name"/> is below.</param>
    /// <param name="targetOf">What a parameter's value is copied into; itself where null.</param>
    /// <exception cref="TrainingException">A tensor is missing or has another shape.</exception>
    internal void Read(string folder, Func<Parameter, Tensor>? targetOf = null)
    {
        using ITensorStore store = Open(folder);
        foreach (SavedTensor tensor in Tensors)
        {
            using var scope = NewDisposeScope();
            Tensor target = targetOf?.Invoke(tensor.Parameter) ?? tensor.Parameter.Value;
            using Tensor stored = Read(store, tensor.Name, target);
            target.copy_(RenamedWeights.Apply(stored, tensor.Change));
        }
    }

    /// <summary>Opens what was written.</summary>
    internal ITensorStore Open(string folder)
    {
        string path = $"{BasePath(folder)}.safetensors";
        return TensorStore.Open(File.Exists(path) ? path : $"{path}.index.json");
    }

    /// <summary>Reads a tensor that must have the shape of another.</summary>
    /// <exception cref="TrainingException">It is missing or has another shape.</exception>
    internal static Tensor Read(ITensorStore store, string name, Tensor like)
    {
        if (!store.Entries.TryGetValue(name, out TensorEntry? entry) || !entry.Shape.AsSpan().SequenceEqual(like.shape))
        {
            string found = entry is null ? "lacks" : $"has in the shape [{string.Join(", ", entry.Shape)}]";
            throw new TrainingException(
                $"{store.Location} {found} the tensor {name} [{string.Join(", ", like.shape)}]: the checkpoint is of another model or "
                + "of other options; train it on with the configuration that it was begun with.");
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
            : throw new WeightException($"The table of names has no entry for the tensor {parameter.Name}.");
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
