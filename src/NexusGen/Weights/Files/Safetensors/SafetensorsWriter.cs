using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Safetensors;

/// <summary>
/// Writes safetensors files, one tensor after the other, so that little memory is needed. A file appears under its name only
/// when it is complete; whatever fails or is cancelled leaves nothing behind and harms no file that was there. Inside a file
/// the tensors stand by falling element size and then by name, the bytes aligned to 64.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>The size of a file of a checkpoint in several, unless another is given: that of Hugging Face's libraries.</summary>
    public const long DefaultShardBytes = 5_000_000_000;

    // More than any disk holds, and few enough that sums of sizes can't overflow.
    private const long MaxElements = 1L << 48;

    /// <summary>Writes tensors that exist already to one file.</summary>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    /// <param name="tensors">Names and tensors, which stay the caller's.</param>
    /// <param name="metadata">Texts for the header; <c>format: pt</c> where null, which Python's libraries expect.</param>
    /// <param name="cancellation">Stops the writing; nothing is left behind.</param>
    /// <exception cref="WeightFileException">A tensor can't be stored, two have one name, or the disk refuses.</exception>
    public static void Write(
        string path,
        IEnumerable<(string Name, Tensor Value)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellation = default) =>
        Write(path, tensors.Select(tensor => TensorToWrite.Of(tensor.Name, tensor.Value)), metadata, cancellation);

    /// <summary>Writes tensors to one file, each made when its turn comes.</summary>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">Texts for the header; <c>format: pt</c> where null, which Python's libraries expect.</param>
    /// <param name="cancellation">Stops the writing; nothing is left behind.</param>
    /// <exception cref="WeightFileException">A tensor can't be stored, two have one name, or the disk refuses.</exception>
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
    /// Writes a checkpoint as Hugging Face's libraries do: files <c>base-00001-of-00004.safetensors</c> and last their index
    /// <c>base.safetensors.index.json</c>, or one <c>base.safetensors</c> where that is enough. An older checkpoint of the same
    /// base name in the folder is replaced once all new files are complete.
    /// </summary>
    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="baseName">What the names begin with.</param>
    /// <param name="maxShardBytes">The most bytes of tensors in a file; a larger tensor gets a file of its own.</param>
    /// <param name="metadata">Texts for the headers; <c>format: pt</c> where null, which Python's libraries expect.</param>
    /// <param name="cancellation">Stops the writing; nothing is left behind.</param>
    /// <returns>The path to open the checkpoint by: the index or the only file.</returns>
    /// <exception cref="WeightFileException">A tensor can't be stored, two have one name, or the disk refuses.</exception>
    public static string WriteSharded(
        string folder,
        IEnumerable<TensorToWrite> tensors,
        string baseName = "model",
        long maxShardBytes = DefaultShardBytes,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        List<List<TensorToWrite>> shards = Divide(Check(folder, tensors), maxShardBytes);
        string[] names = shards.Count == 1
            ? [$"{baseName}.safetensors"]
            : [.. Enumerable.Range(1, shards.Count).Select(i => $"{baseName}-{i:00000}-of-{shards.Count:00000}.safetensors")];
        string index = $"{baseName}.safetensors.index.json";
        List<AtomicFile> files = [];
        try
        {
            Guard(folder, () =>
            {
                Directory.CreateDirectory(folder);
                for (int i = 0; i < names.Length; i++)
                {
                    files.Add(SafetensorsShard.Write(Path.Combine(folder, names[i]), shards[i], metadata, cancellation));
                }

                if (names.Length > 1)
                {
                    files.Add(AtomicFile.Finished(Path.Combine(folder, index), IndexOf(names, shards)));
                }

                cancellation.ThrowIfCancellationRequested();
                files.ForEach(file => file.Commit());
                RemoveOlder(folder, baseName, [.. files.Select(file => Path.GetFileName(file.Path))]);
            });
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }

        return Path.Combine(folder, names.Length > 1 ? index : names[0]);
    }

    private static TensorToWrite[] Check(string place, IEnumerable<TensorToWrite> tensors)
    {
        TensorToWrite[] all = [.. tensors];
        HashSet<string> names = ["__metadata__"];
        foreach (TensorToWrite tensor in all)
        {
            if (!names.Add(tensor.Name))
            {
                throw new WeightFileException($"Two tensors of the name {tensor.Name} can't be written to {place}.");
            }

            if (!TensorTypes.IsStorable(tensor.Type) || !TensorLayout.TryCount(tensor.Shape.AsSpan(), out long count)
                || count > MaxElements)
            {
                throw new WeightFileException(
                    $"The tensor {tensor.Name} {TensorLayout.Format(tensor.Shape)} of the type {tensor.Type} can't be "
                    + $"written to {place}; a safetensors file holds {TensorTypes.AllNames}.");
            }
        }

        return all;
    }

    private static List<List<TensorToWrite>> Divide(TensorToWrite[] tensors, long maxBytes)
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

    private static byte[] IndexOf(string[] names, List<List<TensorToWrite>> shards)
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

    // What is left of an older checkpoint would be taken for a part of the new one. Its index goes first.
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
            throw new WeightFileException($"The weights can't be written to {place}: {e.Message}", e);
        }
    }
}
