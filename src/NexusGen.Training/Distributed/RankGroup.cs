using NexusGen.Training.Core;

namespace NexusGen.Training.Distributed;

/// <summary>
/// The processes that work together: what they exchange, and the watch that ends all of them if one dies. A process that no
/// launcher started is alone, and nothing is loaded or watched.
/// </summary>
internal sealed class RankGroup : IDisposable
{
    private readonly RankWatch? _watch;
    private readonly bool _owns;
    private bool _complete;

    private RankGroup(ICollectives collectives, Launch launch, RankWatch? watch, bool owns)
    {
        (Collectives, Launch, _watch, _owns) = (collectives, launch, watch, owns);
        WhatRemains = () => "start again";
    }

    /// <summary>Gets the group of a single process.</summary>
    public static RankGroup Alone { get; } = new(SingleProcess.Instance, Launch.Alone, null, owns: false);

    /// <summary>Gets what the ranks exchange.</summary>
    public ICollectives Collectives { get; }

    /// <summary>Gets what the launcher told.</summary>
    public Launch Launch { get; }

    /// <summary>Gets whether this is the first rank, which reports, or the only one.</summary>
    public bool IsFirst => Collectives.Rank == 0;

    /// <summary>Gets or sets what to tell about the work that is kept if a rank dies, without a full stop.</summary>
    public Func<string> WhatRemains { get; set; }

    /// <summary>Joins the processes that a launcher started, or returns <see cref="Alone"/>.</summary>
    /// <param name="launch">What the launcher told.</param>
    /// <param name="end">
    /// Ends this process at once with a failure, after it wrote a sentence to standard error; null for no sentence, because
    /// another rank writes it.
    /// </param>
    /// <exception cref="TrainingException">The processes can't be joined.</exception>
    public static RankGroup Join(Launch launch, Action<string?> end)
    {
        if (launch.Size == 1)
        {
            return Alone;
        }

        MpiCollectives collectives;
        try
        {
            collectives = new MpiCollectives(launch.Size);
        }
        catch (TrainingException) when (launch.Rank > 0)
        {
            // The first rank meets the same error and tells it, which takes it a moment.
            Thread.Sleep(TimeSpan.FromSeconds(5));
            end(null);
            throw;
        }

        return Of(collectives, launch, end);
    }

    /// <summary>Creates a group of ranks that are joined already.</summary>
    /// <param name="collectives">The ranks, which the group takes ownership of.</param>
    /// <param name="launch">What the launcher told.</param>
    /// <param name="end">See <see cref="Join"/>.</param>
    internal static RankGroup Of(ICollectives collectives, Launch launch, Action<string?> end)
    {
        RankGroup? group = null;
        var watch = RankWatch.Start(collectives, () => group?.WhatRemains() ?? "start again", end);
        return group = new RankGroup(collectives, launch, watch, owns: true);
    }

    /// <summary>Creates a group without a watch, for ranks in one process.</summary>
    /// <param name="collectives">The ranks.</param>
    internal static RankGroup Unwatched(ICollectives collectives) =>
        new(collectives, new Launch(collectives.Rank, collectives.Size, 0, 1), null, owns: false);

    /// <summary>Does the work of this rank, and leaves the group when all are done.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="work">The work. If it fails, all ranks end, and one of them tells why.</param>
    public T Run<T>(Func<T> work)
    {
        try
        {
            T result = work();
            Collectives.Barrier();
            _complete = true;
            return result;
        }
        catch (Exception e) when (_watch is not null)
        {
            _watch.Fail(e.Message);
            throw;
        }
    }

    /// <inheritdoc cref="Run"/>
    public async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            T result = await work();
            Collectives.Barrier();
            _complete = true;
            return result;
        }
        catch (Exception e) when (_watch is not null)
        {
            _watch.Fail(e.Message);
            throw;
        }
    }

    /// <summary>Leaves the group.</summary>
    public void Dispose()
    {
        _watch?.Dispose();

        // A rank that failed doesn't wait for the others.
        if (_owns && _complete)
        {
            Collectives.Dispose();
        }
    }
}
