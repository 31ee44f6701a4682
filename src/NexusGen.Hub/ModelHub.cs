using NexusGen.Core;
using NexusGen.Hub.Core;
using NexusGen.Hub.Http;
using NexusGen.Hub.Sites;

namespace NexusGen.Hub;

/// <summary>
/// Fetches files from hubs. Those of the Hugging Face Hub go into the cache that its own tools share, and are linked from their
/// places; those of ModelScope go into their places. Whatever is there already is used.
/// </summary>
public sealed class ModelHub : IDisposable
{
    private readonly HubSettings _settings;
    private readonly HubHttp _http;

    /// <summary>Initializes the client.</summary>
    /// <param name="settings">The settings, or null for those of the environment.</param>
    /// <exception cref="HubException">A variable of the environment is invalid.</exception>
    public ModelHub(HubSettings? settings = null)
    {
        _settings = settings ?? HubSettings.FromEnvironment();
        _http = new HubHttp(_settings);
    }

    /// <summary>Gets the number of files that are fetched at the same time.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>Asks the hubs which files there are, and looks what of them is there already.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="HubException">A repository can't be read, or a file in a place is another one.</exception>
    public async Task<PullPlan> PlanAsync(IReadOnlyList<PullRequest> requests, CancellationToken cancellationToken = default)
    {
        List<PullFile> files = [];
        foreach (PullRequest request in requests)
        {
            files.AddRange(await new PullPlanner(_settings, Site(request.Site), request)
                .PlanAsync(Connections, cancellationToken).ConfigureAwait(false));
        }

        string? twice = files.GroupBy(file => Path.GetFullPath(file.Target), StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new HubException($"Two files would be written to {twice}: fetch them into different folders.");
        }

        long toFetch = files.Where(file => file.State is PullState.Missing or PullState.Begun)
            .Sum(file => Math.Max(0, (file.Size ?? 0) - file.BytesThere));
        string? largest = files.MaxBy(file => file.Size ?? 0)?.Incomplete;
        return new PullPlan(files, toFetch, largest is null ? 0 : DiskSpace.Free(largest));
    }

    /// <summary>Fetches the files of a plan, and puts them in their places.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Receives the progress, or null.</param>
    /// <param name="cancellationToken">Stops between two pieces. The next pull goes on from there.</param>
    /// <exception cref="HubException">
    /// A file can't be fetched, is not the announced one, or the disk has no room for it.
    /// </exception>
    public async Task PullAsync(
        PullPlan plan, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (plan.BytesToFetch > plan.BytesFree)
        {
            throw new HubException(
                $"{plan.BytesToFetch / 1e9:0.0} GB are to be fetched, but the disk has room for {plan.BytesFree / 1e9:0.0} GB "
                + "only: nothing was fetched. Make room, or choose files with --include.");
        }

        var count = new PullCount(plan, progress);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, Connections),
            CancellationToken = cancellationToken,
        };
        try
        {
            await Parallel.ForEachAsync(plan.Files, options, async (file, token) =>
            {
                await new PullWork(_settings, _http, Site(file.Request.Site), file, count).RunAsync(token).ConfigureAwait(false);
                count.Finish(file);
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException(
                $"A file could not be written: {e.Message.TrimEnd('.')}. What came before is kept; run the command again to go "
                + "on.",
                e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private IHubSite Site(HubSite site) => site == HubSite.ModelScope
        ? new ModelScopeSite(_http, _settings)
        : new HuggingFaceSite(_http, _settings);
}
