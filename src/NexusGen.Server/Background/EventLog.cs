using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace NexusGen.Server.Background;

/// <summary>The events of a job so far. Any number of readers follow them, each from where it stopped. Thread-safe.</summary>
internal sealed class EventLog
{
    private readonly Lock _gate = new();
    private readonly List<SseItem<byte[]>> _events = [];
    private TaskCompletionSource _changed = New();
    private bool _ended;

    /// <summary>Adds an event. Its id is its index.</summary>
    public void Add(SseItem<byte[]> item)
    {
        lock (_gate)
        {
            _events.Add(Numbered(item, _events.Count));
            Change();
        }
    }

    /// <summary>Ends the log: readers end after its last event.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Change();
        }
    }

    /// <summary>Returns the events so far.</summary>
    public IReadOnlyList<SseItem<byte[]>> ToList()
    {
        lock (_gate)
        {
            return [.. _events];
        }
    }

    /// <summary>Reads events as they come.</summary>
    /// <param name="start">The index of the first one.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    public async IAsyncEnumerable<SseItem<byte[]>> ReadAsync(
        int start, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int next = start; ;)
        {
            SseItem<byte[]>[] ready;
            Task changed;
            bool ended;
            lock (_gate)
            {
                ready = [.. _events.Skip(next)];
                (changed, ended) = (_changed.Task, _ended);
            }

            foreach (SseItem<byte[]> item in ready)
            {
                yield return item;
            }

            next += ready.Length;
            if (ready.Length == 0)
            {
                if (ended)
                {
                    yield break;
                }

                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns an event with its index as its id, which clients send to go on after it.</summary>
    public static SseItem<byte[]> Numbered(SseItem<byte[]> item, int index) =>
        new(item.Data, item.EventType) { EventId = $"{index}" };

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change()
    {
        _changed.SetResult();
        _changed = New();
    }
}
