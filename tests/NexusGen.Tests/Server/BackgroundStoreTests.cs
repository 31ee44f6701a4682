using System.Net.ServerSentEvents;
using System.Text;
using Microsoft.Data.Sqlite;
using NexusGen.Core;
using NexusGen.Server.Background;
using NexusGen.Server.Configuration;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;

namespace NexusGen.Tests.Server;

public sealed class BackgroundStoreTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void FinishedJobsAreKeptForATimeAndUnfinishedOnesUntilTheyAre()
    {
        using BackgroundStore store = BackgroundStore.Open(
            new NexusGenServerOptions { BackgroundLifetime = TimeSpan.FromHours(1) }, _clock);
        Job waiting = new("a", 10), done = new("b", 10);
        Assert.True(store.TryAdd("me", "model", waiting));
        Assert.True(store.TryAdd("me", "model", done));
        done.End();
        store.Finish(done, [new SseItem<byte[]>("x"u8.ToArray(), "completed")]);
        KeptJob kept = store.Find("b", "me")!;
        Assert.Equal(("completed", "b"), (kept.Status, Encoding.UTF8.GetString(kept.Response!)));
        Assert.Equal(["item of b"], store.Items("b", "me").Select(Encoding.UTF8.GetString));
        Assert.Null(store.Find("b", "you"));
        Assert.Null(store.Item("b/0", "you"));
        _clock.Now += TimeSpan.FromHours(2);
        Assert.Null(store.Find("b", "me"));
        Assert.Null(store.Item("b/0", "me"));
        Assert.Empty(store.Events("b", "me", 0));
        Assert.Equal("a", Assert.Single(store.Unfinished("model")).Job.Id);
    }

    [Fact]
    public void UnfinishedJobsOfAnotherModelAreKeptForATime()
    {
        using BackgroundStore store = BackgroundStore.Open(
            new NexusGenServerOptions { BackgroundLifetime = TimeSpan.FromHours(1) }, _clock);
        Assert.True(store.TryAdd("me", "model", new Job("a", 10)));
        _clock.Now += TimeSpan.FromMinutes(30);
        Assert.True(store.TryAdd("me", "model", new Job("b", 10)));
        Assert.Empty(store.Unfinished("another model"));
        Assert.Equal(["a", "b"], store.Unfinished("model").Select(kept => kept.Job.Id));
        _clock.Now += TimeSpan.FromMinutes(40);
        Assert.Empty(store.Unfinished("another model"));
        Assert.Equal(["b"], store.Unfinished("model").Select(kept => kept.Job.Id));
        Assert.True(store.Delete("b", "me"));
    }

    [Fact]
    public void AFileOfTheFirstVersionIsUpdated()
    {
        using var folder = new TemporaryFolder();
        string file = folder["background.db"];
        using (BackgroundStore store = BackgroundStore.Open(new NexusGenServerOptions { Background = file }))
        {
            Assert.True(store.TryAdd("me", "model", new Job("a", 10)));
        }

        using (var database = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            database.Open();
            using SqliteCommand command = database.CreateCommand();
            command.CommandText = "ALTER TABLE jobs DROP COLUMN created; PRAGMA user_version = 1;";
            command.ExecuteNonQuery();
        }

        for (int i = 0; i < 2; i++)
        {
            using BackgroundStore store = BackgroundStore.Open(new NexusGenServerOptions { Background = file });

            // As old as the update, so that nothing is dropped by it.
            Assert.Empty(store.Unfinished("another model"));
            Assert.Equal("a", Assert.Single(store.Unfinished("model")).Job.Id);
            Assert.True(store.TryAdd("me", "model", new Job($"b{i}", 10)));
            Assert.True(store.Delete($"b{i}", "me"));
        }
    }

    [Fact]
    public void TheOldestResponsesMakeRoomButNoUnfinishedJobDoes()
    {
        using BackgroundStore store = BackgroundStore.Open(new NexusGenServerOptions { BackgroundBytes = 100 });
        Job first = new("a", 30), second = new("b", 30);
        Assert.True(store.TryAdd("me", "model", first));
        first.End();
        store.Finish(first, []);
        Assert.True(store.TryAdd("me", "model", second));
        Assert.True(store.TryAdd("me", "model", new Job("c", 50)));
        Assert.Null(store.Find("a", "me"));
        Assert.False(store.TryAdd("me", "model", new Job("d", 30)));
        Assert.NotNull(store.Find("b", "me"));
        Assert.True(store.Delete("c", "me"));
        Assert.True(store.TryAdd("me", "model", new Job("d", 30)));
    }

    [Fact]
    public void AnotherFileIsRefusedByItsName()
    {
        using var folder = new TemporaryFolder();
        string text = folder["text.db"], later = folder["later.db"];
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        using (var database = new SqliteConnection($"Data Source={later};Pooling=False"))
        {
            database.Open();
            using SqliteCommand command = database.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Assert.Contains(text, Assert.Throws<NexusGenException>(() => Open(text)).Message);
        Assert.Contains("later version", Assert.Throws<NexusGenException>(() => Open(later)).Message);
        static BackgroundStore Open(string file) => BackgroundStore.Open(new NexusGenServerOptions { Background = file });
    }

    private sealed class Job(string id, int length) : BackgroundJob
    {
        private string _status = BackgroundStatus.Queued;

        public override string Id => id;

        public override string Kind => "kind";

        public override string Operation => "test";

        public override string Status => _status;

        public override IReadOnlyList<(string Id, byte[] Content)> Items =>
            [(id + "/0", Encoding.UTF8.GetBytes($"item of {id}"))];

        public void End() => _status = BackgroundStatus.Completed;

        public override byte[] Save() => new byte[length];

        public override byte[] Response() => Encoding.UTF8.GetBytes(id);

        public override IEnumerable<SseItem<byte[]>> Queue() => [];

        public override IAsyncEnumerable<SseItem<byte[]>> RunAsync(ModelGateway.Work work) => throw new NotSupportedException();

        public override SseItem<byte[]> Fail(ApiException error) => throw new NotSupportedException();

        public override SseItem<byte[]> Cancel() => throw new NotSupportedException();
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
