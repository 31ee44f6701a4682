using NexusGen.Hub.Core;
using NexusGen.Hub.Downloads;
using NexusGen.Hub.Http;
using NexusGen.Hub.Sites;
using NexusGen.Hub.Storage;

namespace NexusGen.Hub;

/// <summary>Fetches one file of a plan, and puts it in its place.</summary>
internal sealed class PullWork(HubSettings settings, HubHttp http, IHubSite site, PullFile file, PullCount count)
{
    /// <summary>Fetches the file.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (file.State == PullState.Present)
        {
            count.Add(file, file.BytesThere);
            return;
        }

        HubRepository repository = file.Request.Repository;
        if (file.Request.Site == HubSite.ModelScope || file.Source is null)
        {
            if (file.State == PullState.Cached)
            {
                count.Add(file, file.BytesThere);
                FileLink.Create(file.Target, file.Source!, relative: false);
                return;
            }

            await FetchAsync(file.Target, cancellationToken).ConfigureAwait(false);
            return;
        }

        var cache = new HuggingFaceCache(settings.HuggingFaceCache, repository);
        if (settings.IsOffline)
        {
            count.Add(file, file.BytesThere);
            FileLink.Create(file.Target, file.Source, relative: false);
            return;
        }

        (string commit, string checksum) = (file.File.Commit!, file.File.Checksum!);
        using (await cache.LockAsync(checksum, cancellationToken).ConfigureAwait(false))
        {
            // Another program may have fetched it meanwhile.
            if (File.Exists(file.Source) && (file.Size is null || HuggingFaceCache.Length(file.Source) == file.Size))
            {
                count.Add(file, HuggingFaceCache.Length(file.Source));
            }
            else
            {
                await FetchAsync(file.Source, cancellationToken).ConfigureAwait(false);
            }
        }

        cache.Link(commit, file.Path, checksum);
        cache.Remember(repository.Revision ?? site.DefaultRevision, commit);
        FileLink.Create(file.Target, cache.File(commit, file.Path), relative: false);
    }

    private Task FetchAsync(string target, CancellationToken cancellationToken) =>
        new FileDownload(http, site, file.Request.Repository, file.File, settings, bytes => count.Add(file, bytes))
            .RunAsync(target, file.Incomplete, cancellationToken);
}
