using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Hub.Core;
using NexusGen.Hub.Storage;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Stores;

namespace NexusGen.Cli.Models;

/// <summary>
/// Finds the models on this machine: in folders, beside the program, in the caches of the hubs; and removes them.
/// </summary>
/// <param name="settings">The settings of the hubs.</param>
internal sealed class ModelInventory(HubSettings settings)
{
    private readonly HubCaches _caches = new(settings);

    /// <summary>Finds the models.</summary>
    /// <param name="folders">Folders that are models, or contain models; empty for the usual folders.</param>
    public IReadOnlyList<InstalledModel> Find(IReadOnlyList<string> folders)
    {
        string[] starts = folders.Count > 0 ? [.. folders] : [.. Usual().Where(Directory.Exists)];
        if (starts.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
        {
            throw new NexusGenException($"The folder {missing} does not exist.");
        }

        IEnumerable<InstalledModel> found = starts.Select(Path.GetFullPath).Distinct().SelectMany(In)
            .DistinctBy(model => model.Folder);
        return [.. found, .. _caches.List().Select(InCache)];
    }

    /// <summary>Returns why a model can't be removed, or null.</summary>
    /// <param name="model">The model.</param>
    /// <param name="all">All models.</param>
    public string? Refusal(InstalledModel model, IReadOnlyList<InstalledModel> all)
    {
        if (model.Cached is not { } cached)
        {
            return IsShipped(model.Folder) ? $"{model.Name} ships with the program and is not removed." : null;
        }

        IReadOnlySet<string> blobs = _caches.BlobsOf(cached);
        InstalledModel? user = all.FirstOrDefault(other => other.Cached is null
            && other.Files.Select(_caches.BlobOf).Any(blob => blob is not null && blobs.Contains(blob)));
        return user is null ? null : $"{model.Name} is not removed, because {user.Folder} has links to its files; remove "
            + $"{user.Name} first.";
    }

    /// <summary>Removes a model: its own files and links, and folders that are empty then.</summary>
    /// <param name="model">The model.</param>
    public void Remove(InstalledModel model)
    {
        if (model.Cached is { } cached)
        {
            _caches.Remove(cached);
            return;
        }

        foreach (string file in model.Files)
        {
            File.Delete(file);
        }

        RemoveEmpty(model.Folder);
    }

    private static IEnumerable<string> Usual() =>
        new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory }.SelectMany(ModelFinder.Upward)
            .Select(folder => Path.Combine(folder, "models"));

    private static bool IsShipped(string folder) => ModelFinder.Upward(AppContext.BaseDirectory)
        .Any(above => folder == Path.Combine(above, "models", ModelFinder.TinyModel));

    // Links are not entered: what they lead to lies elsewhere.
    private static IEnumerable<string> OwnFiles(string folder) => !Directory.Exists(folder) || IsLink(folder)
        ? []
        : Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder).SelectMany(OwnFiles));

    private static bool IsLink(string folder) => new DirectoryInfo(folder).LinkTarget is not null;

    private static void RemoveEmpty(string folder)
    {
        if (!Directory.Exists(folder) || IsLink(folder))
        {
            return;
        }

        foreach (string inner in Directory.GetDirectories(folder))
        {
            RemoveEmpty(inner);
        }

        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    private static string NameOf(string folder)
    {
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder);
        return relative.StartsWith("..", StringComparison.Ordinal) ? folder : relative;
    }

    private static long Length(string path) =>
        (new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? new FileInfo(path)) is { Exists: true } file
            ? file.Length
            : 0;

    // A folder and the folders in it. If these are listed for themselves, only loose files are the folder's own.
    private static IEnumerable<InstalledModel> In(string folder)
    {
        InstalledModel[] inner =
        [
            .. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
                .Select(child => InFolder(child, deep: true)).OfType<InstalledModel>()
        ];
        return InFolder(folder, deep: inner.Length == 0) is { } outer ? inner.Prepend(outer) : inner;
    }

    private static InstalledModel? InFolder(string folder, bool deep) => IsLink(folder) ? null
        : File.Exists(Path.Combine(folder, ModelPaths.LanguageModelFolder, "config.json")) ? WholeModel(folder)
        : Path.GetFileName(folder) is ModelPaths.LanguageModelFolder or "FLUX" ? null
        : Directory.EnumerateFiles(folder).Any(CheckpointNames.IsWeights) ? Weights(folder, deep)
        : null;

    private static InstalledModel WholeModel(string folder)
    {
        IReadOnlyList<PartCheck> parts = ModelCheck.Run(folder);
        var paths = ModelPaths.Find(folder);
        string[] files =
        [
            .. OwnFiles(paths.LanguageModel), .. OwnFiles(paths.Flux),
            .. new[] { paths.Configuration, paths.EmptyPrompt }.Where(File.Exists),
        ];
        return new InstalledModel(
            NameOf(folder),
            "model",
            folder,
            files.Sum(Length),
            Types(parts.SelectMany(part => part.Types)),
            RevisionOf(files),
            [.. parts.Where(part => !part.IsWhole).Select(part => $"{part.Name}: {part.Problem}")],
            files,
            null);
    }

    private static InstalledModel Weights(string folder, bool deep)
    {
        string[] files = [.. deep ? OwnFiles(folder) : Directory.EnumerateFiles(folder)];
        (IEnumerable<KeyValuePair<string, long>> types, string[] problems) = Inspect(files);
        return new InstalledModel(
            NameOf(folder), "files", folder, files.Sum(Length), Types(types), RevisionOf(files), problems, files, null);
    }

    private static InstalledModel InCache(CachedModel cached)
    {
        (IEnumerable<KeyValuePair<string, long>> types, string[] problems) = Inspect([.. cached.Files.Where(File.Exists)]);
        string commit = cached.Commit?[..Math.Min(cached.Commit.Length, 12)] ?? "";
        return new InstalledModel(
            commit.Length > 0 ? $"{cached.Name}@{commit}" : cached.Name,
            "cache",
            cached.Folder,
            cached.Bytes,
            Types(types),
            cached.Revisions.Count > 0 ? string.Join(", ", cached.Revisions) : cached.Commit,
            cached.IsWhole ? problems : [.. problems, "a download is unfinished, or a file is gone"],
            cached.Files,
            cached);
    }

    private static IReadOnlyList<string> Types(IEnumerable<KeyValuePair<string, long>> types) =>
    [
        .. types.GroupBy(type => type.Key).OrderByDescending(type => type.Sum(part => part.Value)).Select(type => type.Key)
    ];

    // Opening checks headers and sizes; an index is opened for its shards.
    private static (IEnumerable<KeyValuePair<string, long>> Types, string[] Problems) Inspect(string[] files)
    {
        List<KeyValuePair<string, long>> types = [];
        List<string> problems = [];
        foreach (string file in files.Where(file => CheckpointNames.IsWeights(file)
            || file.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase)))
        {
            try
            {
                using ITensorStore store = TensorStore.Open(file);
                if (CheckpointNames.IsWeights(file))
                {
                    types.AddRange(store.Entries.Values.Where(entry => entry.File == file)
                        .Select(entry => KeyValuePair.Create(TensorTypes.NameOf(entry), entry.ByteLength)));
                }
            }
            catch (NexusGenException e)
            {
                problems.Add(e.Message);
            }
        }

        return (types, [.. problems]);
    }

    // The snapshot of the cache that the files are links into.
    private static string? RevisionOf(IEnumerable<string> files)
    {
        string[] commits =
        [
            .. files.Select(file => new FileInfo(file).LinkTarget).OfType<string>()
                .Select(target => target.Split(Path.DirectorySeparatorChar, '/'))
                .Select(parts => (Parts: parts, Place: Array.IndexOf(parts, "snapshots")))
                .Where(found => found.Place > 0 && found.Place + 1 < found.Parts.Length)
                .Select(found => found.Parts[found.Place + 1])
                .Select(commit => commit[..Math.Min(commit.Length, 12)])
                .Distinct(),
        ];
        return commits.Length == 0 ? null : string.Join(", ", commits);
    }
}
