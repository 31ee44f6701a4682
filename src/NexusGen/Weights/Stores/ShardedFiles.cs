using System.Globalization;
using System.Text.RegularExpressions;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Pickle;
using NexusGen.Weights.Files.Safetensors;

namespace NexusGen.Weights.Stores;

/// <summary>
/// A checkpoint in several files: found by its index, or by the names of a complete set (<c>base-00001-of-00004</c>). Every
/// tensor must be in the file that the index gives, and in no other.
/// </summary>
internal static partial class ShardedFiles
{
    private static readonly string[] Extensions = [".safetensors", ".bin", ".pt", ".pth"];

    /// <summary>Opens the weights that a folder holds: its only index, else its only file, else its only set of shards.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="WeightFileException">It holds none or several, or their files are not what they should be.</exception>
    public static ITensorStore OpenFolder(string folder)
    {
        string[] names = ListNames(folder);
        foreach (string extension in Extensions)
        {
            string[] indexes = EndingIn(extension + ".index.json");
            if (indexes.Length > 0)
            {
                return OpenIndex(Path.Combine(folder, Only(folder, indexes)));
            }

            string[] files = EndingIn(extension);
            if (files.Length > 0 && TryShardSet(folder, files))
            {
                return Join(folder, [.. files.Select(name => Path.Combine(folder, name))]);
            }

            if (files.Length > 0)
            {
                return TensorStore.Open(Path.Combine(folder, Only(folder, files)));
            }
        }

        throw new WeightFileException(
            $"The folder {folder} holds no weights: no .safetensors, .bin, .pt or .pth file and no index of such.");

        string[] EndingIn(string end) => [.. names.Where(name => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>Opens the files that an index names, and checks that they hold the tensors that it gives them.</summary>
    /// <param name="indexPath">The index.</param>
    /// <exception cref="WeightFileException">A file is missing or not what the index says.</exception>
    public static ITensorStore OpenIndex(string indexPath)
    {
        Dictionary<string, string> map = ShardIndex.Read(indexPath);
        string folder = Path.GetDirectoryName(indexPath) ?? "";
        string[] names = [.. map.Values.Distinct().Order(StringComparer.Ordinal)];
        foreach (string name in names)
        {
            if (!File.Exists(Path.Combine(folder, name)))
            {
                throw new WeightFileException(
                    $"The file {name} is missing beside {indexPath}, which says that the tensor "
                    + $"{map.First(pair => pair.Value == name).Key} is in it.");
            }
        }

        ITensorStore store = Join(indexPath, [.. names.Select(name => Path.Combine(folder, name))]);
        try
        {
            foreach ((string tensor, string name) in map)
            {
                if (!store.Entries.TryGetValue(tensor, out TensorEntry? entry) || Path.GetFileName(entry.File) != name)
                {
                    string found = entry is null ? "none of its files has it" : $"it is in {Path.GetFileName(entry.File)}";
                    throw new WeightFileException(
                        $"The index {indexPath} says that the tensor {tensor} is in {name}, but {found}.");
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

    /// <summary>One store of several safetensors files or PyTorch archives, each with other tensors.</summary>
    /// <param name="location">The folder or index, for messages.</param>
    /// <param name="paths">The files, in order.</param>
    /// <exception cref="WeightFileException">A file is not what it should be, or two hold the same tensor.</exception>
    public static ITensorStore Join(string location, IReadOnlyList<string> paths)
    {
        List<WeightFile> files = [];
        try
        {
            foreach (string path in paths)
            {
                files.Add(WeightFile.Open(path));
            }

            return Join(location, files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>One store of several opened files. It owns them where this succeeds.</summary>
    /// <param name="location">The file, folder or index, for messages.</param>
    /// <param name="files">The files, in order.</param>
    /// <exception cref="WeightFileException">A file is not what it should be, or two hold the same tensor.</exception>
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
            throw new WeightFileException($"The folder {folder} can't be listed: {e.Message}", e);
        }
    }

    private static string Only(string folder, string[] names) => names.Length == 1
        ? names[0]
        : throw new WeightFileException(
            $"The folder {folder} holds several weight files "
            + $"({string.Join(", ", names.Take(5))}{(names.Length > 5 ? ", …" : "")}) and no "
            + "index that says which belong together: name the one that is meant.");

    // True where the files are one complete set of shards; several sets, or files of other names, are for the caller to refuse.
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
                    $"The folder {folder} lacks the file number {number} of the {count} that {names[0]} belongs to.");
            }
        }

        return numbers.Count == count
            ? true
            : throw new WeightFileException($"The folder {folder} holds more files than the {count} that {names[0]} belongs to.");
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<base>.+)-(?<number>[0-9]{5,6})-of-(?<count>[0-9]{5,6})\.[A-Za-z]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ShardName();
}
