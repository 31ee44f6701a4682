using NexusGen.Core;
using NexusGen.Lora;

namespace NexusGen.Server.Loras;

/// <summary>
/// Finds the LoRAs of a folder and its folders. Nothing outside the folder is found: links that lead out of it are passed over.
/// </summary>
internal sealed class LoraSearch
{
    /// <summary>Why hidden files and folders are passed over.</summary>
    public const string Hidden = "it is hidden";

    private const string Extension = ".safetensors";
    private const string AdapterWeights = "adapter_model";

    private readonly string _root;
    private readonly HashSet<string> _visited = new(StringComparer.Ordinal);

    private LoraSearch(string root)
    {
        _root = root;
        _visited.Add(root);
    }

    /// <summary>Gets the LoRAs by their names.</summary>
    public OrderedDictionary<string, LoraEntry> Found { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets why files and folders were passed over, by their paths within the folder.</summary>
    public Dictionary<string, string> Skipped { get; } = new(StringComparer.Ordinal);

    /// <summary>Searches a folder.</summary>
    /// <param name="folder">The folder.</param>
    public static LoraSearch Of(string folder)
    {
        if (AllowedFolders.Real(folder) is not { } root)
        {
            var nothing = new LoraSearch("");
            nothing.Skipped.Add(".", "the folder does not exist or can't be read");
            return nothing;
        }

        var search = new LoraSearch(root);
        search.Walk(root, "", isAdapter: false);
        return search;
    }

    private void Walk(string folder, string prefix, bool isAdapter)
    {
        FileSystemInfo[] items;
        try
        {
            items = new DirectoryInfo(folder).GetFileSystemInfos();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Skipped[prefix.Length == 0 ? "." : prefix.TrimEnd('/')] = "the folder can't be read";
            return;
        }

        foreach (FileSystemInfo item in items.OrderBy(item => item.Name, StringComparer.Ordinal))
        {
            string name = prefix + item.Name;
            if (item.Name.StartsWith('.') || item.Attributes.HasFlag(FileAttributes.Hidden))
            {
                Skipped[name] = Hidden;
            }
            else if (RealPath(item) is not { } path)
            {
                Skipped[name] = "it is a link that leads out of the folder, or nowhere";
            }
            else if (name.Any(char.IsControl))
            {
                Skipped[name] = "its name has control characters";
            }
            else if (Directory.Exists(path))
            {
                AddFolder(name, path);
            }
            else if (item.Name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
                && !(isAdapter && Path.GetFileNameWithoutExtension(item.Name) == AdapterWeights))
            {
                Add(name, name[..^Extension.Length], path, [path]);
            }
        }
    }

    private void AddFolder(string name, string path)
    {
        if (!_visited.Add(path))
        {
            Skipped[name] = "it is a link to a folder that is searched already";
            return;
        }

        string configuration = Path.Combine(path, LoraFile.ConfigurationName);
        bool isAdapter = File.Exists(configuration);
        if (isAdapter)
        {
            string[] weights =
            [
                .. new[] { Extension, ".bin" }.Select(type => Path.Combine(path, AdapterWeights + type)).Where(File.Exists),
            ];
            if (weights.Length == 0)
            {
                Skipped[name] = $"it has {LoraFile.ConfigurationName} but no {AdapterWeights}{Extension}";
            }
            else
            {
                Add(name, name, path, [configuration, .. weights]);
            }
        }

        Walk(path, name + "/", isAdapter);
    }

    private void Add(string item, string name, string path, IReadOnlyList<string> files)
    {
        try
        {
            FileInfo[] real =
            [
                .. files.Select(file => RealPath(new FileInfo(file))).OfType<string>().Select(file => new FileInfo(file)),
            ];
            if (real.Length < files.Count)
            {
                Skipped[item] = "one of its files is a link that leads out of the folder, or nowhere";
            }
            else if (real.Any(file => file.Length == 0))
            {
                // A pipe has no length either, and reading it would wait.
                Skipped[item] = "it is empty";
            }
            else if (!Found.TryAdd(
                name, new LoraEntry(name, path, (real.Max(file => file.LastWriteTimeUtc), real.Sum(file => file.Length)))))
            {
                Skipped[item] = "another file has the same name";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Skipped[item] = "it can't be read";
        }
    }

    // Only links are resolved: everything else in a folder without links in its path is where it seems to be.
    private string? RealPath(FileSystemInfo item) => item.Attributes.HasFlag(FileAttributes.ReparsePoint)
        ? AllowedFolders.Find(item.FullName, [_root])
        : item.FullName;
}
