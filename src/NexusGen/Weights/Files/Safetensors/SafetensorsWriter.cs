using System.Text.Json;
using System.Text.RegularExpressions;
using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Safetensors;

/// <summary>
/// Writes safetensors files one tensor at a time, which needs little memory. A file appears under its name only when it is
/// complete; a failure or cancellation before that leaves nothing behind and does not affect existing files. Inside a file, the
/// tensors are ordered by descending element size and then by name, and the data starts at a multiple of 64 bytes.
/// </summary>
internal static class SafetensorsWriter
{
    /// <summary>The default size limit of a shard, the same as in Hugging Face's libraries.</summary>
    public const long DefaultShardBytes = 5_000_000_000;

    // More than any disk holds, and small enough that sums of sizes can't overflow.
    private const long MaxElements = 1L << 48;

    /// <summary>Writes existing tensors to one file.</summary>
    /// <param name="path">The path of the file; its folder is created if it does not exist.</param>
    /// <param name="tensors">The names and tensors; the caller keeps ownership.</param>
    /// <param name="metadata">The metadata for the header; <c>format: pt</c>, which Python's libraries expect, if null.</param>
    /// <param name="cancellation">Cancels writing; nothing is left behind.</param>
    /// <exception cref="WeightFileException">
    /// A tensor can't be stored, two have the same name, or the file can't be written.
    /// </exception>
    public static void Write(
        string path,
        IEnumerable<(string Name, Tensor Value)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellation = default) =>
        Write(path, tensors.Select(tensor => TensorToWrite.Of(tensor.Name, tensor.Value)), metadata, cancellation);

    /// <summary>Writes tensors to one file and creates each tensor only when it is written.</summary>
    /// <param name="path">The path of the file; its folder is created if it does not exist.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">The metadata for the header; <c>format: pt</c>, which Python's libraries expect, if null.</param>
    /// <param name="cancellation">Cancels writing; nothing is left behind.</param>
    /// <exception cref="WeightFileException">
    /// A tensor can't be stored, two have the same name, or the file can't be written.
    /// </exception>
    public static void Write(
        string path,
        IEnumerable<TensorToWrite> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellation = default)
    {
        TensorToWrite[] all = Check(path, tensors);
        Guard(path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using AtomicFile file = SafetensorsShard.Write(path, all, metadata, cancellation);
            file.Commit();
        });
    }

    /// <summary>
    /// Writes a checkpoint as Hugging Face's libraries do: shards <c>base-00001-of-00004.safetensors</c>, followed by their index
    /// <c>base.safetensors.index.json</c>, or a single <c>base.safetensors</c> if one file is enough. An older checkpoint of the
    /// same base name in the folder is replaced once all new files are complete.
    /// </summary>
    /// <param name="folder">The folder; it is created if it does not exist.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="baseName">The first part of the file names.</param>
    /// <param name="maxShardBytes">The size limit of the tensors in a shard; a larger tensor gets a separate shard.</param>
    /// <param name="metadata">The metadata for the headers; <c>format: pt</c>, which Python's libraries expect, if null.</param>
    /// <param name="cancellation">Cancels writing; nothing is left behind.</param>
    /// <param name="isOurs">
    /// Whether this process writes the shard of a number, from 0, if several processes write one checkpoint into a new folder;
    /// the one that writes the first also writes the index. Null to write all.
    /// </param>
    /// <returns>The path to open the checkpoint with: the index or the only file.</returns>
    /// <exception cref="WeightFileException">
    /// A tensor can't be stored, two have the same name, or a file can't be written.
    /// </exception>
    public static string WriteSharded(
        string folder,
        IEnumerable<TensorToWrite> tensors,
        string baseName = "model",
        long maxShardBytes = DefaultShardBytes,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellation = default,
        Func<int, bool>? isOurs = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        List<List<TensorToWrite>> shards = Divide(Check(folder, tensors), maxShardBytes);
        string[] names = NamesOf(baseName, shards.Count);
        string index = $"{baseName}.safetensors.index.json";
        List<AtomicFile> files = [];
        try
        {
            Guard(folder, () =>
            {
                Directory.CreateDirectory(folder);
                foreach (int i in Enumerable.Range(0, names.Length).Where(isOurs ?? (_ => true)))
                {
                    files.Add(SafetensorsShard.Write(Path.Combine(folder, names[i]), shards[i], metadata, cancellation));
                }

                if (names.Length > 1 && isOurs?.Invoke(0) != false)
                {
                    files.Add(AtomicFile.Finished(Path.Combine(folder, index), IndexOf(names, shards)));
                }

                cancellation.ThrowIfCancellationRequested();
                files.ForEach(file => file.Commit());
                RemoveOlder(folder, baseName, names.Length > 1 ? [.. names, index] : [.. names]);
            });
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }

        return Path.Combine(folder, names.Length > 1 ? index : names[0]);
    }

    /// <summary>
    /// Divides tensors into the shards of <see cref="WriteSharded"/>, each in the order in which it is written.
    /// </summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="maxShardBytes">The size limit of the tensors in a shard.</param>
    public static IReadOnlyList<IReadOnlyList<TensorToWrite>> Plan(
        IEnumerable<TensorToWrite> tensors, long maxShardBytes = DefaultShardBytes) =>
        [.. Divide([.. tensors], maxShardBytes).Select(SafetensorsShard.Order)];

    /// <summary>Makes the names of the files of a checkpoint.</summary>
    /// <param name="baseName">The first part of the names.</param>
    /// <param name="count">The number of files.</param>
    internal static string[] NamesOf(string baseName, int count) => count == 1
        ? [$"{baseName}.safetensors"]
        : [.. Enumerable.Range(1, count).Select(i => $"{baseName}-{i:00000}-of-{count:00000}.safetensors")];

    private static TensorToWrite[] Check(string place, IEnumerable<TensorToWrite> tensors)
    {
        TensorToWrite[] all = [.. tensors];
        HashSet<string> names = ["__metadata__"];
        foreach (TensorToWrite tensor in all)
        {
            if (!names.Add(tensor.Name))
            {
                throw new WeightFileException($"Two tensors with the name {tensor.Name} can't be written to {place}.");
            }

            if (!TensorTypes.IsStorable(tensor.Type) || !TensorLayout.TryCount(tensor.Shape.AsSpan(), out long count)
                || count > MaxElements)
            {
                throw new WeightFileException(
                    $"The tensor {tensor.Name} {TensorLayout.Format(tensor.Shape)} of the type {tensor.Type} can't be "
                    + $"written to {place}; only {TensorTypes.StorableNames} can be written.");
            }
        }

        return all;
    }

    /// <summary>Divides tensors into files of a size.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="maxBytes">The size limit of the tensors in a file; a larger tensor gets a separate file.</param>
    internal static List<List<TensorToWrite>> Divide(IReadOnlyList<TensorToWrite> tensors, long maxBytes)
    {
        List<List<TensorToWrite>> shards = [[]];
        long filled = 0;
        foreach (TensorToWrite tensor in tensors)
        {
            long bytes = SafetensorsShard.ByteLength(tensor);
            if (shards[^1].Count > 0 && filled > maxBytes - bytes)
            {
                shards.Add([]);
                filled = 0;
            }

            shards[^1].Add(tensor);
            filled += bytes;
        }

        return shards;
    }

    /// <summary>Makes the index of a checkpoint.</summary>
    /// <param name="names">The names of the files.</param>
    /// <param name="shards">The tensors of each file.</param>
    internal static byte[] IndexOf(IReadOnlyList<string> names, IReadOnlyList<IReadOnlyList<TensorToWrite>> shards)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, SafetensorsShard.JsonOptions with { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", shards.Sum(shard => shard.Sum(SafetensorsShard.ByteLength)));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            var places = shards.SelectMany((shard, i) => shard.Select(tensor => (tensor.Name, File: names[i])));
            foreach ((string name, string file) in places.OrderBy(place => place.Name, StringComparer.Ordinal))
            {
                json.WriteString(name, file);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    // Remaining files of an older checkpoint would be mistaken for a part of the new one. Its index is deleted first.
    private static void RemoveOlder(string folder, string baseName, HashSet<string> kept)
    {
        var ours = new Regex(
            $@"^{Regex.Escape(baseName)}(-\d{{5,}}-of-\d{{5,}})?\.safetensors(\.index\.json)?$", RegexOptions.CultureInvariant);
        IEnumerable<string> older = Directory.GetFiles(folder)
            .Select(path => Path.GetFileName(path))
            .Where(name => ours.IsMatch(name) && !kept.Contains(name))
            .OrderByDescending(name => name.EndsWith(".json", StringComparison.Ordinal));
        foreach (string name in older)
        {
            File.Delete(Path.Combine(folder, name));
        }
    }

    private static void Guard(string place, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WeightFileException($"Can't write the weights to {place}: {e.Message}", e);
        }
    }
}
