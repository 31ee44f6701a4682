using NexusGen.Hub.Core;

namespace NexusGen.Hub.Storage;

/// <summary>Lists what is in the caches of the hubs, and removes it. Only what is inside a cache is touched.</summary>
/// <param name="settings">The settings.</param>
internal sealed class HubCaches(HubSettings settings)
{
    private const string Prefix = "models--", Parted = "--";

    /// <summary>Lists the repositories of both caches, with one entry for each commit.</summary>
    public IReadOnlyList<CachedModel> List() => [.. HuggingFace(), .. ModelScope()];

    /// <summary>
    /// Returns the content of a file of the cache of Hugging Face, by a path or a link to it; null for other files.
    /// </summary>
    /// <param name="path">The path.</param>
    public string? BlobOf(string path)
    {
        string final = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        return Path.GetFileName(Path.GetDirectoryName(final)) == "blobs" && IsInside(settings.HuggingFaceCache, final)
            ? final
            : null;
    }

    /// <summary>Returns the contents that a commit has.</summary>
    /// <param name="model">The commit.</param>
    public IReadOnlySet<string> BlobsOf(CachedModel model) =>
        model.Files.Select(BlobOf).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>Removes a repository or a commit. What another commit uses stays.</summary>
    /// <param name="model">One of the list.</param>
    /// <exception cref="HubException">It is not inside its cache.</exception>
    public void Remove(CachedModel model)
    {
        string cache = model.Site == HubSite.HuggingFace ? settings.HuggingFaceCache : settings.ModelScopeCache;
        if (!IsInside(cache, model.Folder) || new DirectoryInfo(model.Folder).LinkTarget is not null)
        {
            throw new HubException($"{model.Folder} is not a folder of the cache {cache}; remove it yourself.");
        }

        if (model.Site == HubSite.ModelScope || model.Commit is null)
        {
            Directory.Delete(model.Folder, recursive: true);
            return;
        }

        string root = Path.GetDirectoryName(Path.GetDirectoryName(model.Folder))!;
        CachedModel[] others = [.. HuggingFace().Where(other => other.Name == model.Name && other.Folder != model.Folder)];
        if (others.Length == 0)
        {
            Directory.Delete(root, recursive: true);
            return;
        }

        HashSet<string> used = [.. others.SelectMany(BlobsOf)];
        string[] unused = [.. BlobsOf(model).Where(blob => !used.Contains(blob))];
        foreach (string file in Refs(root).Where(named => named.Commit == model.Commit).Select(named => named.File))
        {
            File.Delete(file);
        }

        Directory.Delete(model.Folder, recursive: true);
        foreach (string blob in unused.Where(blob => IsInside(root, blob)))
        {
            File.Delete(blob);
        }
    }

    private static bool IsInside(string folder, string path) => Path.GetFullPath(path).StartsWith(
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string[] FoldersIn(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)] : [];

    private static string[] FilesIn(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

    private static IEnumerable<(string File, string Revision, string Commit)> Refs(string root)
    {
        string folder = Path.Combine(root, "refs");
        return FilesIn(folder).Select(file => (
            file, Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'), File.ReadAllText(file).Trim()));
    }

    private IEnumerable<CachedModel> HuggingFace()
    {
        foreach (string root in FoldersIn(settings.HuggingFaceCache))
        {
            string name = Path.GetFileName(root);
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            string repository = name[Prefix.Length..].Replace(Parted, "/", StringComparison.Ordinal);
            bool isBegun = FilesIn(Path.Combine(root, "blobs"))
                .Any(blob => blob.EndsWith(".incomplete", StringComparison.Ordinal));
            string[] snapshots = FoldersIn(Path.Combine(root, "snapshots"));
            foreach (string snapshot in snapshots)
            {
                string commit = Path.GetFileName(snapshot);
                string[] files = FilesIn(snapshot);
                yield return new CachedModel(
                    HubSite.HuggingFace,
                    repository,
                    snapshot,
                    commit,
                    [.. Refs(root).Where(named => named.Commit == commit).Select(named => named.Revision)],
                    files,
                    files.Where(File.Exists).Sum(HuggingFaceCache.Length),
                    files.Length > 0 && files.All(File.Exists) && !isBegun);
            }

            if (snapshots.Length == 0)
            {
                string[] blobs = FilesIn(root);
                yield return new CachedModel(
                    HubSite.HuggingFace, repository, root, null, [], blobs, blobs.Sum(HuggingFaceCache.Length), false);
            }
        }
    }

    private IEnumerable<CachedModel> ModelScope()
    {
        foreach (string start in (string[])[Path.Combine(settings.ModelScopeCache, "models"), settings.ModelScopeCache])
        {
            foreach (string folder in FoldersIn(start).Where(owner => owner != Path.Combine(settings.ModelScopeCache, "models"))
                .SelectMany(FoldersIn))
            {
                string[] files = FilesIn(folder);
                string repository = $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{Path.GetFileName(folder)}";
                yield return new CachedModel(
                    HubSite.ModelScope,
                    repository.Replace("___", ".", StringComparison.Ordinal),
                    folder,
                    null,
                    [],
                    files,
                    files.Where(File.Exists).Sum(HuggingFaceCache.Length),
                    files.Length > 0 && !files.Any(file => file.EndsWith(".incomplete", StringComparison.Ordinal)));
            }
        }
    }
}
