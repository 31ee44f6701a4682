using System.Net.ServerSentEvents;
using Microsoft.Data.Sqlite;
using NexusGen.Core;
using NexusGen.Server.Configuration;
using NexusGen.Server.Storage;

namespace NexusGen.Server.Background;

/// <summary>
/// Keeps background jobs in an SQLite file: unfinished ones with what they ask, so that a later server computes them again, and
/// finished ones with their responses and events for some time. Each owner finds only his own. Thread-safe.
/// </summary>
internal sealed class BackgroundStore : IDisposable
{
    // What is kept of an owner. Expired jobs are removed when a job is added.
    private const string Kept = "owner = $owner AND (finished IS NULL OR finished > $oldest)";

    private readonly Lock _gate = new();
    private readonly SqliteConnection _database;
    private readonly long _capacity;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _time;

    private BackgroundStore(SqliteConnection database, long capacity, TimeSpan lifetime, TimeProvider time)
    {
        _database = database;
        _capacity = capacity;
        _lifetime = lifetime;
        _time = time;
    }

    /// <summary>Gets whether another server uses the file, so that this store is in memory.</summary>
    public bool IsFileTaken { get; private init; }

    /// <summary>
    /// Opens or creates a store in the file of the options. A file that another server uses is left to it, because each job must
    /// be computed once: the store is in memory then.
    /// </summary>
    /// <param name="options">The options of the server.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <exception cref="NexusGenException">The file is no such store, has a later version, or can't be written.</exception>
    public static BackgroundStore Open(NexusGenServerOptions options, TimeProvider? time = null)
    {
        SqliteConnection? file = options.Background is { } path ? BackgroundDatabase.TryOpen(path) : null;
        return new BackgroundStore(
            file ?? BackgroundDatabase.TryOpen(BackgroundDatabase.Memory)!,
            file is null ? Math.Min(options.BackgroundBytes, options.StoreBytes) : options.BackgroundBytes,
            options.BackgroundLifetime,
            time ?? TimeProvider.System)
        {
            IsFileTaken = options.Background is not null && file is null,
        };
    }

    /// <summary>Adds a job, unless there is no room for it.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="model">The name of the model that is asked.</param>
    /// <param name="job">The job.</param>
    /// <returns>true if the job was added; otherwise, false.</returns>
    public bool TryAdd(string owner, string model, BackgroundJob job)
    {
        byte[] request = job.Save();
        lock (_gate)
        {
            using SqliteTransaction transaction = _database.BeginTransaction();
            MakeRoom(request.Length);
            if (Bytes() + request.Length > _capacity)
            {
                return false;
            }

            _database.Run(
                """
                INSERT INTO jobs (id, owner, kind, model, status, starts, request, bytes, created)
                VALUES ($id, $owner, $kind, $model, $status, 0, $request, $bytes, $created)
                """,
                ("$id", job.Id), ("$owner", owner), ("$kind", job.Kind), ("$model", model), ("$status", job.Status),
                ("$request", request), ("$bytes", request.Length), ("$created", _time.GetUtcNow().ToUnixTimeSeconds()));
            transaction.Commit();
            return true;
        }
    }

    /// <summary>Counts the start of a job.</summary>
    /// <param name="id">The job.</param>
    /// <param name="by">1 for a start, −1 for one that doesn't count because the server was stopped in order.</param>
    /// <returns>The number of its starts.</returns>
    public long CountStart(string id, int by = 1)
    {
        lock (_gate)
        {
            return _database.Value(
                "UPDATE jobs SET starts = starts + $by WHERE id = $id RETURNING starts", ("$id", id), ("$by", by));
        }
    }

    /// <summary>Keeps the response of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="events">Its events.</param>
    public void Finish(BackgroundJob job, IReadOnlyList<SseItem<byte[]>> events)
    {
        byte[] response = job.Response();
        IReadOnlyList<(string Id, byte[] Content)> items = job.Items;
        long bytes =
            response.Length + events.Sum(item => (long)item.Data.Length) + items.Sum(item => (long)item.Content.Length);
        lock (_gate)
        {
            using SqliteTransaction transaction = _database.BeginTransaction();
            MakeRoom(bytes);
            long number = _database.Value(
                """
                UPDATE jobs SET status = $status, finished = $finished, response = $response, bytes = bytes + $bytes
                WHERE id = $id RETURNING number
                """,
                ("$id", job.Id), ("$status", job.Status), ("$finished", _time.GetUtcNow().ToUnixTimeSeconds()),
                ("$response", response), ("$bytes", bytes));
            foreach ((int place, SseItem<byte[]> item) in events.Index())
            {
                _database.Run(
                    "INSERT INTO events (job, place, type, data) VALUES ($job, $place, $type, $data)",
                    ("$job", number), ("$place", place), ("$type", item.EventType), ("$data", item.Data));
            }

            foreach ((int place, (string id, byte[] content)) in items.Index())
            {
                _database.Run(
                    "INSERT INTO items (id, job, place, content) VALUES ($id, $job, $place, $content)",
                    ("$id", id), ("$job", number), ("$place", place), ("$content", content));
            }

            transaction.Commit();
        }
    }

    /// <summary>Returns the unfinished jobs of a model, the oldest first, with their owners.</summary>
    /// <remarks>Those of other models are kept for a server that has them, until they expire.</remarks>
    public IReadOnlyList<(KeptJob Job, string Owner)> Unfinished(string model)
    {
        lock (_gate)
        {
            _database.Run(
                "DELETE FROM jobs WHERE finished IS NULL AND model <> $model AND created <= $oldest",
                ("$model", model),
                ("$oldest", Oldest()));
            return _database.Rows(
                "SELECT id, kind, status, request, response, owner FROM jobs WHERE finished IS NULL AND model = $model "
                + "ORDER BY number",
                row => (Read(row), row.GetString(5)),
                ("$model", model));
        }
    }

    /// <summary>Returns a job, or null if it is not kept (any more) or has another owner.</summary>
    public KeptJob? Find(string id, string owner)
    {
        lock (_gate)
        {
            return _database.Rows(
                $"SELECT id, kind, status, request, response FROM jobs WHERE id = $id AND {Kept}",
                Read,
                Parameters(id, owner)).FirstOrDefault();
        }
    }

    /// <summary>Returns the events of a job from an index on.</summary>
    public IReadOnlyList<SseItem<byte[]>> Events(string id, string owner, int start)
    {
        lock (_gate)
        {
            return _database.Rows(
                "SELECT type, data, place FROM events JOIN jobs ON number = job "
                + $"WHERE jobs.id = $id AND place >= $start AND {Kept} ORDER BY place",
                row => EventLog.Numbered(new SseItem<byte[]>((byte[])row[1], row.GetString(0)), row.GetInt32(2)),
                [.. Parameters(id, owner), ("$start", start)]);
        }
    }

    /// <summary>Returns the items of a job's response, in order.</summary>
    public IReadOnlyList<byte[]> Items(string id, string owner)
    {
        lock (_gate)
        {
            return _database.Rows(
                $"SELECT content FROM items JOIN jobs ON number = job WHERE jobs.id = $id AND {Kept} ORDER BY place",
                row => (byte[])row[0],
                Parameters(id, owner));
        }
    }

    /// <summary>Returns an item of a response, or null as <see cref="Find"/> does.</summary>
    public byte[]? Item(string id, string owner)
    {
        lock (_gate)
        {
            return _database.Rows(
                $"SELECT content FROM items JOIN jobs ON number = job WHERE items.id = $id AND {Kept}",
                row => (byte[])row[0],
                Parameters(id, owner)).FirstOrDefault();
        }
    }

    /// <summary>Deletes a job.</summary>
    /// <returns>true if it existed; otherwise, false.</returns>
    public bool Delete(string id, string owner)
    {
        lock (_gate)
        {
            bool deleted = _database.Run(
                "DELETE FROM jobs WHERE id = $id AND owner = $owner", ("$id", id), ("$owner", owner)) > 0;
            if (deleted)
            {
                // The write-ahead log has the data too.
                _database.Value("PRAGMA wal_checkpoint(TRUNCATE)");
            }

            return deleted;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    private static KeptJob Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), (byte[])row[3], row.IsDBNull(4) ? null : (byte[])row[4]);

    private (string Name, object? Value)[] Parameters(string id, string owner) =>
        [("$id", id), ("$owner", owner), ("$oldest", Oldest())];

    private long Oldest() => (_time.GetUtcNow() - _lifetime).ToUnixTimeSeconds();

    private long Bytes() => _database.Value("SELECT COALESCE(SUM(bytes), 0) FROM jobs");

    private void MakeRoom(long bytes)
    {
        _database.Run("DELETE FROM jobs WHERE finished <= $oldest", ("$oldest", Oldest()));
        const string oldest = "DELETE FROM jobs WHERE number = (SELECT MIN(number) FROM jobs WHERE finished IS NOT NULL)";
        while (Bytes() + bytes > _capacity && _database.Run(oldest) > 0)
        {
        }
    }
}
