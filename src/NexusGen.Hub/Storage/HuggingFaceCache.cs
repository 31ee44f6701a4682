using NexusGen.Hub.Core;

namespace NexusGen.Hub.Storage;

/// <summary>
/// The cache that Hugging Face's tools share: <c>models--org--name/</c> with <c>blobs/</c> named by checksums, <c>refs/</c> with
/// the commits of revisions, and <c>snapshots/</c> with a link for each file of a commit.
/// </summary>
internal sealed class HuggingFaceCache(string folder, HubRepository repository)
{
    private static readonly TimeSpan LockPause = TimeSpan.FromSeconds(0.2);

    private readonly string _root = Path.Combine(folder, $"models--{repository.Owner}--{repository.Name}");

    /// <summary>Returns the path of a file's content.</summary>
    public string Blob(string checksum) => Path.Combine(_root, "blobs", checksum);

    /// <summary>Returns the path of a file under its name.</summary>
    public string File(string commit, string path) => Path.Combine([Snapshot(commit), .. path.Split('/')]);

    /// <summary>Returns the commit of a revision, as it was when it was last fetched, or null.</summary>
    public string? Commit(string revision)
    {
        if (Directory.Exists(Snapshot(revision)))
        {
            return revision;
        }

        string file = Ref(revision);
        return System.IO.File.Exists(file) && System.IO.File.ReadAllText(file).Trim() is { Length: > 0 } commit
            && HubFile.IsSafe(commit) && Directory.Exists(Snapshot(commit))
                ? commit
                : null;
    }

    /// <summary>Returns the files of a commit that are in the cache.</summary>
    public IReadOnlyList<HubFile> Files(string commit)
    {
        string snapshot = Snapshot(commit);
        return
        [
            .. Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories)
                .Where(System.IO.File.Exists)
                .Select(file => new HubFile
                {
                    Path = Path.GetRelativePath(snapshot, file).Replace(Path.DirectorySeparatorChar, '/'),
                    Size = Length(file),
                    Commit = commit,
                })
                .OrderBy(file => file.Path, StringComparer.Ordinal)
        ];
    }

    /// <summary>Records the commit of a revision.</summary>
    public void Remember(string revision, string commit)
    {
        if (revision == commit)
        {
            return;
        }

        string file = Ref(revision);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        System.IO.File.WriteAllText(file, commit);
    }

    /// <summary>Links a file of a commit to its content.</summary>
    public void Link(string commit, string path, string checksum)
    {
        string name = File(commit, path), blob = Blob(checksum);
        if (!FileLink.LeadsTo(name, blob))
        {
            FileLink.Create(name, blob, relative: true);
        }
    }

    /// <summary>Waits until no other program fetches a content. Python's tools keep to the same lock.</summary>
    /// <returns>The lock. Disposing it releases it.</returns>
    public async Task<IDisposable> LockAsync(string checksum, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, ".locks", Path.GetFileName(_root), checksum + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (System.IO.File.Exists(path))
            {
                await Task.Delay(LockPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns the length of a file, over links.</summary>
    public static long Length(string path) =>
        (new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? new FileInfo(path)).Length;

    private string Snapshot(string commit) => Path.Combine(_root, "snapshots", commit);

    private string Ref(string revision) => Path.Combine([_root, "refs", .. revision.Split('/')]);
}
