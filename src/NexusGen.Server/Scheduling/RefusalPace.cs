namespace NexusGen.Server.Scheduling;

/// <summary>
/// Slows down clients that are refused again and again. The first refusals are sent at once; then each one waits, so that a
/// program that asks again immediately leaves the processor to the requests that are computed. Thread-safe.
/// </summary>
/// <param name="time">The clock, or null for the system's.</param>
internal sealed class RefusalPace(TimeProvider? time = null)
{
    private const int AtOnce = 10;
    private const int MaxClients = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    // The times until which the refusals of each client are due.
    private readonly Dictionary<string, DateTimeOffset> _due = [];

    /// <summary>Waits until the next refusal of a client is due.</summary>
    /// <param name="client">The client.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    public Task WaitAsync(string client, CancellationToken cancellationToken)
    {
        TimeSpan wait = Next(client);
        return wait > TimeSpan.Zero ? Task.Delay(wait, _time, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Returns the time that the next refusal of a client has to wait.</summary>
    public TimeSpan Next(string client)
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            if (_due.Count >= MaxClients)
            {
                foreach ((string other, DateTimeOffset until) in _due.ToArray())
                {
                    if (until <= now)
                    {
                        _due.Remove(other);
                    }
                }

                if (_due.Count >= MaxClients)
                {
                    _due.Clear();
                }
            }

            DateTimeOffset due = _due.GetValueOrDefault(client);
            due = (due > now ? due : now) + Interval;
            TimeSpan wait = due - now - (AtOnce * Interval);
            if (wait > Longest)
            {
                (wait, due) = (Longest, now + Longest + (AtOnce * Interval));
            }

            _due[client] = due;
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }
}
