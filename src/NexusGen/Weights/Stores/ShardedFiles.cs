using System.Globalization;
using System.Text.RegularExpressions;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Gguf;
using NexusGen.Weights.Files.Pickle;
using NexusGen.Weights.Files.Safetensors;

namespace NexusGen.Weights.Stores;

/// <summary>
/// A checkpoint in several files, found by its index or by the names of a complete set of shards (<c>base-00001-of-00004</c>).
/// Every tensor must be in the file that the index names, and in no other.
/// </summary>
internal static partial class ShardedFiles
{
    private static readonly string[] Extensions = [".safetensors", ".bin", ".pt", ".pth", ".gguf"];

    /// <summary>
    /// Opens the weights in a folder: the file or index that transformers would open (see <see cref="CheckpointNames"/>). If
    /// there is none, of the first file extension that the folder contains (.safetensors, .bin, .pt, .pth, .gguf), it opens the
    /// only index, or else the complete set of shards with the names of transformers, or else the only complete set of shards or
    /// the only file.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="map">Whether the files may be mapped into memory; otherwise, they are read.</param>
    /// <exception cref="WeightFileException">The folder holds no weights or several, or a file is invalid.</exception>
    public static ITensorStore OpenFolder(string folder, bool map = true)
    {
        if (CheckpointNames.Find(folder) is { } known)
        {
            return TensorStore.Open(known, map);
        }

        string[] names = ListNames(folder);
        foreach (string extension in Extensions)
        {
            string[] indexes = EndingIn(extension + ".index.json");
            if (indexes.Length > 0)
            {
                return OpenIndex(Path.Combine(folder, Only(folder, indexes)), map);
            }

            string[] files = EndingIn(extension);
            string[] shards = [.. files.Where(name => CheckpointNames.IsShard(name))];
            files = shards.Length > 0 ? shards : files;
            if (files.Length > 0 && TryShardSet(folder, files))
            {
                return Join(folder, [.. files.Select(name => Path.Combine(folder, name))], map);
            }

            if (files.Length > 0)
            {
                return TensorStore.Open(Path.Combine(folder, Only(folder, files)), map);
            }
        }

        throw new WeightFileException(
            $"The folder {folder} contains no weights: no .safetensors, .bin, .pt, .pth or .gguf file and no index.");

        string[] EndingIn(string end) => [.. names.Where(name => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>Opens the files that an index names and checks that they contain its tensors.</summary>
    /// <param name="indexPath">The path of the index.</param>
    /// <param name="map">Whether the files may be mapped into memory; otherwise, they are read.</param>
    /// <exception cref="WeightFileException">A file is missing, invalid or does not match the index.</exception>
    public static ITensorStore OpenIndex(string indexPath, bool map = true)
    {
        Dictionary<string, string> index = ShardIndex.Read(indexPath);
        string folder = Path.GetDirectoryName(indexPath) ?? "";
        string[] names = [.. index.Values.Distinct().Order(StringComparer.Ordinal)];
        foreach (string name in names)
        {
            if (!File.Exists(Path.Combine(folder, name)))
            {
                throw new WeightFileException(
                    $"The file {name} is missing, although according to {indexPath} it contains the tensor "
                    + $"{index.First(pair => pair.Value == name).Key}.");
            }
        }

        ITensorStore store = Join(indexPath, [.. names.Select(name => Path.Combine(folder, name))], map);
        try
        {
            foreach ((string tensor, string name) in index)
            {
                if (!store.Entries.TryGetValue(tensor, out TensorEntry? entry) || Path.GetFileName(entry.File) != name)
                {
                    string found = entry is null ? "none of its files contains it" : $"it is in {Path.GetFileName(entry.File)}";
                    throw new WeightFileException(
                        $"According to the index {indexPath}, the tensor {tensor} is in {name}, but {found}.");
                }
            }

            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Opens several safetensors files or PyTorch archives, each with different tensors, as one store.</summary>
    /// <param name="location">The folder or index, used in messages.</param>
    /// <param name="paths">The paths of the files, in order.</param>
    /// <param name="map">Whether the files may be mapped into memory; otherwise, they are read.</param>
    /// <exception cref="WeightFileException">A file is invalid, or two contain the same tensor.</exception>
    public static ITensorStore Join(string location, IReadOnlyList<string> paths, bool map = true)
    {
        List<WeightFile> files = [];
        try
        {
            foreach (string path in paths)
            {
                files.Add(WeightFile.Open(path, map));
            }

            return Join(location, files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Combines several opened files into one store, which takes ownership of them on success.</summary>
    /// <param name="location">The file, folder or index, used in messages.</param>
    /// <param name="files">The files, in order.</param>
    /// <exception cref="WeightFileException">A file is invalid, or two contain the same tensor.</exception>
    public static ITensorStore Join(string location, IReadOnlyList<WeightFile> files)
    {
        OrderedDictionary<string, TensorEntry> entries = new(StringComparer.Ordinal);
        OrderedDictionary<string, string> metadata = new(StringComparer.Ordinal);
        foreach (WeightFile file in files)
        {
            foreach (TensorEntry entry in EntriesOf(file, metadata))
            {
                if (!entries.TryAdd(entry.Name, entry))
                {
                    throw new WeightFileException(
                        $"The tensor {entry.Name} is in {entries[entry.Name].File} and again in {file.Path}.");
                }
            }
        }

        return new FileTensorStore(location, files, entries, metadata);
    }

    private static IEnumerable<TensorEntry> EntriesOf(WeightFile file, OrderedDictionary<string, string> metadata)
    {
        switch (FileFormat.Detect(file))
        {
            case WeightFileFormat.Safetensors:
                var header = SafetensorsHeader.Read(file);
                foreach ((string key, string value) in header.Metadata)
                {
                    metadata.TryAdd(key, value);
                }

                return header.Tensors;
            case WeightFileFormat.PyTorchArchive:
                return PickleArchive.ReadEntries(file).Entries.Values;
            case WeightFileFormat.Gguf:
                var gguf = GgufHeader.Read(file);
                foreach ((string key, object value) in gguf.Metadata)
                {
                    metadata.TryAdd(key, GgufText.Of(value));
                }

                return gguf.Tensors;
            default:
                throw new WeightFileException($"The file {file.Path} is JSON, not weights.");
        }
    }

    private static string[] ListNames(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WeightFileException($"Can't list the folder {folder}: {e.Message}", e);
        }
    }

    private static string Only(string folder, string[] names) => names.Length == 1
        ? names[0]
        : throw new WeightFileException(
            $"The folder {folder} contains several weight files "
            + $"({string.Join(", ", names.Take(5))}{(names.Length > 5 ? ", …" : "")}) and no "
            + "index that combines them; specify one of them.");

    // Returns true if the files are one complete set of shards. Several sets, or files with other names, are left to the caller
    // to refuse.
    private static bool TryShardSet(string folder, string[] names)
    {
        Match[] matches = [.. names.Select(name => ShardName().Match(name))];
        string key = matches[0].Groups["base"].Value + "/" + matches[0].Groups["count"].Value;
        if (matches.Any(match => !match.Success || match.Groups["base"].Value + "/" + match.Groups["count"].Value != key))
        {
            return false;
        }

        int count = Number(matches[0], "count");
        HashSet<int> numbers = [.. matches.Select(match => Number(match, "number"))];
        for (int number = 1; number <= count; number++)
        {
            if (!numbers.Contains(number))
            {
                throw new WeightFileException(
                    $"The folder {folder} lacks file {number} of the {count} files that {names[0]} belongs to.");
            }
        }

        return numbers.Count == count
            ? true
            : throw new WeightFileException(
                $"The folder {folder} contains more than the {count} files that {names[0]} belongs to.");
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<base>.+)-(?<number>[0-9]{5,6})-of-(?<count>[0-9]{5,6})\.[A-Za-z]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ShardName();
}
