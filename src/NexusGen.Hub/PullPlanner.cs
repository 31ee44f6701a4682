using System.Collections.Concurrent;
using NexusGen.Core;
using NexusGen.Hub.Core;
using NexusGen.Hub.Sites;
using NexusGen.Hub.Storage;

namespace NexusGen.Hub;

/// <summary>Finds out which files a request means, and what of them is there.</summary>
internal sealed class PullPlanner(HubSettings settings, IHubSite site, PullRequest request)
{
    /// <summary>The end of the name of a file that is not complete.</summary>
    public const string Incomplete = ".nexusgen.incomplete";

    private readonly HubRepository _repository = request.Repository;
    private readonly HuggingFaceCache? _cache = request.Site == HubSite.HuggingFace
        ? new HuggingFaceCache(settings.HuggingFaceCache, request.Repository)
        : null;

    /// <summary>Plans the request.</summary>
    public async Task<IReadOnlyList<PullFile>> PlanAsync(int connections, CancellationToken cancellationToken)
    {
        IReadOnlyList<HubFile> all = settings.IsOffline
            ? Cached()
            : await site.ListAsync(_repository, cancellationToken).ConfigureAwait(false);
        HubFile[] wanted = [.. all.Where(file => PathFilter.Wants(request, file.Path))];
        if (wanted.FirstOrDefault(file => !HubFile.IsSafe(file.Path)) is { } unsafeFile)
        {
            throw new HubException(
                $"{site.Name} lists a file of {_repository} whose name is refused: "
                + $"\"{VisibleText.Of(unsafeFile.Path, HubJson.LongestText)}\".");
        }

        string? missing = request.Include.FirstOrDefault(pattern =>
            !all.Any(file => PathFilter.Wants(request with { Include = [pattern], Exclude = [] }, file.Path)));
        if (missing is not null || wanted.Length == 0)
        {
            throw new HubException(
                missing is null
                    ? $"{_repository} has no file to fetch."
                    : $"{_repository} has no file {missing}; it has {Names(all)}.");
        }

        var planned = new ConcurrentDictionary<string, PullFile>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(wanted, options, async (file, token) =>
        {
            HubFile described = settings.IsOffline
                ? file
                : await site.DescribeAsync(_repository, file, token).ConfigureAwait(false);
            planned[file.Path] = await PlanAsync(described, token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        string[] commits = [.. planned.Values.Select(file => file.File.Commit).OfType<string>().Distinct()];
        if (_cache is not null && commits.Length > 1)
        {
            throw new HubException($"{_repository} changes while it is read: run the command again.");
        }

        return [.. wanted.Select(file => planned[file.Path])];
    }

    private static string Names(IReadOnlyList<HubFile> all) =>
        string.Join(", ", all.Take(8).Select(file => VisibleText.Of(file.Path, HubJson.LongestText)))
        + (all.Count > 8 ? ", …" : "");

    private IReadOnlyList<HubFile> Cached() =>
        _cache?.Commit(_repository.Revision ?? site.DefaultRevision) is { } commit
            ? _cache.Files(commit)
            : throw new HubException(
                $"No hub is asked (HF_HUB_OFFLINE), and {_repository} is not in the cache {settings.HuggingFaceCache}.");

    private async Task<PullFile> PlanAsync(HubFile file, CancellationToken cancellationToken)
    {
        string target = Path.Combine([request.Folder, .. file.Path.Split('/')]);
        string? source = _cache is not null && file.Commit is { } commit
            ? file.Checksum is { } checksum ? _cache.Blob(checksum) : settings.IsOffline ? _cache.File(commit, file.Path) : null
            : null;
        if (request.IsTemporary && !settings.IsOffline && source is not null && !IsCached(source, file))
        {
            source = null;
        }

        var planned = new PullFile(request, file, target)
        {
            Source = source,
            Incomplete = (source ?? target) + Incomplete,
        };
        if (await IsPresentAsync(planned, cancellationToken).ConfigureAwait(false))
        {
            return planned with { State = PullState.Present, BytesThere = Length(target) };
        }

        if (source is not null && IsCached(source, file))
        {
            return planned with { State = PullState.Cached, BytesThere = HuggingFaceCache.Length(source) };
        }

        if (await InModelScopesCacheAsync(file, cancellationToken).ConfigureAwait(false) is { } cached)
        {
            return planned with { State = PullState.Cached, BytesThere = Length(cached), Source = cached };
        }

        long begun = File.Exists(planned.Incomplete) ? Length(planned.Incomplete) : 0;
        return planned with { State = begun > 0 ? PullState.Begun : PullState.Missing, BytesThere = begun };
    }

    private async Task<bool> IsPresentAsync(PullFile file, CancellationToken cancellationToken)
    {
        if (FileLink.Is(file.Target))
        {
            return file.Source is null
                ? File.Exists(file.Target) && await MatchesAsync(file.Target, file.File, cancellationToken).ConfigureAwait(false)
                : FileLink.LeadsTo(file.Target, file.Source);
        }

        if (!File.Exists(file.Target))
        {
            return false;
        }

        return await MatchesAsync(file.Target, file.File, cancellationToken).ConfigureAwait(false)
            ? true
            : throw new HubException(
                $"{file.Target} exists and is not the {file.Path} of {_repository}: move it away, or fetch into another folder.");
    }

    private Task<string?> InModelScopesCacheAsync(HubFile file, CancellationToken cancellationToken) =>
        request.Site == HubSite.ModelScope && file.Checksum is not null
            ? FindAsync(file, cancellationToken)
            : Task.FromResult<string?>(null);

    private async Task<string?> FindAsync(HubFile file, CancellationToken cancellationToken)
    {
        string name = _repository.Name.Replace(".", "___", StringComparison.Ordinal);
        foreach (string folder in (string[])["models", ""])
        {
            string path = Path.Combine([settings.ModelScopeCache, folder, _repository.Owner, name, .. file.Path.Split('/')]);
            if (File.Exists(path) && await MatchesAsync(path, file, cancellationToken).ConfigureAwait(false))
            {
                return path;
            }
        }

        return null;
    }

    private static Task<bool> MatchesAsync(string path, HubFile file, CancellationToken cancellationToken) =>
        FileChecksum.MatchesAsync(path, file.Size, file.Checksum, cancellationToken);

    private static bool IsCached(string source, HubFile file) =>
        File.Exists(source) && (file.Size is null || HuggingFaceCache.Length(source) == file.Size);

    private static long Length(string path) => HuggingFaceCache.Length(path);
}
