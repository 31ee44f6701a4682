using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Training.Stages;

/// <summary>
/// Installs the weights of a training run in a model folder. The weight files of a checkpoint have the same relative paths as
/// those of a model folder. Modules in an existing file that were not trained are kept, for example the language model in the
/// file of a vision encoder.
/// </summary>
internal static class WeightInstallation
{
    private const string Ending = ".safetensors", Index = ".safetensors.index.json", Archive = ".bin";

    /// <summary>Installs the newest or the best weights of a training run.</summary>
    /// <param name="training">The folder of the training run.</param>
    /// <param name="model">The model.</param>
    /// <param name="preferBest">Whether to take the checkpoint with the lowest validation loss, if there is one.</param>
    /// <param name="type">The element type to store the trained weights in, or null for the type in the checkpoint.</param>
    /// <param name="maxShardBytes">
    /// The maximum number of bytes per file. Larger weights are split into several shards with an index.
    /// </param>
    /// <returns>The files that were written; for shards, their index.</returns>
    /// <exception cref="NexusGenException">There is no checkpoint, or a file can't be read or written.</exception>
    public static IReadOnlyList<string> Install(
        string training,
        ModelPaths model,
        bool preferBest = true,
        ScalarType? type = null,
        long maxShardBytes = SafetensorsWriter.DefaultShardBytes)
    {
        string? checkpoint = (preferBest ? TrainingCheckpoint.Best(training) : null) ?? TrainingCheckpoint.Latest(training);
        if (checkpoint is null)
        {
            throw new TrainingException($"{training} contains no checkpoint; specify the output folder of a training.");
        }

        if (LoraExport.IsLora(training))
        {
            throw new TrainingException(
                $"{training} is the training of a LoRA, which changes no weights of a model; export it with --output FILE.");
        }

        string average = Path.Combine(checkpoint, TrainingCheckpoint.AverageName);
        string weights = Directory.Exists(average) ? average : Path.Combine(checkpoint, TrainingCheckpoint.WeightsName);
        List<string> written = [];
        string aside = Path.Combine(weights, SavedWeights.ThrowAway);
        foreach (string file in Files(weights).Where(file => !file.StartsWith(aside, StringComparison.Ordinal)))
        {
            string name = Path.GetRelativePath(weights, file);
            name = name[..^(name.EndsWith(Index, StringComparison.Ordinal) ? Index : Ending).Length];
            written.Add(Copy(
                file,
                Path.Combine(model.Root, Path.GetDirectoryName(name) ?? ""),
                Path.GetFileName(name),
                type,
                maxShardBytes));
        }

        return written;
    }

    // Returns files that are not sharded, and the index of those that are.
    private static IEnumerable<string> Files(string folder)
    {
        string[] all = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        string[] indices = [.. all.Where(file => file.EndsWith(Index, StringComparison.Ordinal))];
        return all
            .Where(file => file.EndsWith(Ending, StringComparison.Ordinal)
                && !indices.Any(index => file.StartsWith(index[..^Index.Length] + "-", StringComparison.Ordinal)))
            .Concat(indices)
            .Order();
    }

    private static string Copy(string file, string folder, string name, ScalarType? type, long maxShardBytes)
    {
        using ITensorStore store = TensorStore.Open(file);
        using ITensorStore? there = Existing(folder, name);
        HashSet<string> trained = [.. store.Entries.Keys.Select(PartOf)];
        IEnumerable<TensorToWrite> kept = there?.Entries
            .Where(pair => !trained.Contains(PartOf(pair.Key)))
            .Select(pair => ToWrite(there, pair.Key, pair.Value, null)) ?? [];
        return SafetensorsWriter.WriteSharded(
            folder,
            [.. store.Entries.Select(pair => ToWrite(store, pair.Key, pair.Value, type)), .. kept],
            name,
            maxShardBytes);
    }

    // Opens the file that the model is loaded from so far, under the names that are written.
    private static ITensorStore? Existing(string folder, string name)
    {
        if (name == Path.GetFileName(LanguageModelWeights.Name))
        {
            return CheckpointNames.Find(folder) is { } found ? LanguageModelNames.Open(found) : null;
        }

        string path = Path.Combine(folder, name);
        return new[] { path + Ending, path + Index, path + Archive }.FirstOrDefault(File.Exists) is { } file
            ? RenamedStore.Of(TensorStore.Open(file), WrapperNames.Remove)
            : null;
    }

    // Returns the top-level module that a tensor belongs to.
    private static string PartOf(string name) => name.Split('.')[0];

    private static TensorToWrite ToWrite(ITensorStore store, string name, TensorEntry entry, ScalarType? type)
    {
        ScalarType wanted = type ?? entry.Type;
        return new TensorToWrite(name, wanted, [.. entry.Shape], () => store.Read(entry, wanted));
    }
}
