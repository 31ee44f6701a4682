using Microsoft.Data.Sqlite;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>The conversations of the studio: storage, search, deletion, limits, and separate owners.</summary>
public sealed class ConversationStoreTests : IDisposable
{
    private readonly Clock _clock = new();
    private readonly ConversationStore _store;

    public ConversationStoreTests() => _store = ConversationStore.Open(null, _clock);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void WhatWasKeptIsThereAfterARestart()
    {
        using var folder = new TemporaryFolder();
        StudioTurn turn = Turn("a red star") with { Reply = "Here it is.", Drawn = ["x"], Count = 3, Action = "draw" };
        string id;
        using (ConversationStore store = ConversationStore.Open(folder["deep/gallery.db"], _clock))
        {
            id = store.Create("me", "").Id;
            store.Add("me", id, turn);
        }

        using ConversationStore again = ConversationStore.Open(folder["deep/gallery.db"]);
        StudioConversation kept = again.Find("me", id)!;
        Assert.Equal(("a red star", _clock.Now.ToUnixTimeSeconds()), (kept.Title, kept.Created));
        StudioTurn found = Assert.Single(kept.Turns!);
        Assert.Equal((turn.Id, turn.Text, turn.Reply, 3, "draw"), (found.Id, found.Text, found.Reply, found.Count, found.Action));
        Assert.Equal(turn.Drawn, found.Drawn);
    }

    [Theory]
    [InlineData("star", 2)]
    [InlineData("STAR", 2)]
    [InlineData("star blue", 1)]
    [InlineData("talk ring", 1)]
    [InlineData("星星", 1)]
    [InlineData("100%", 1)]
    [InlineData("%", 1)]
    [InlineData("_", 0)]
    [InlineData("' OR 1=1 --", 0)]
    [InlineData("\\", 1)]
    [InlineData("", 6)]
    public void TitlesAndTextsAreFoundAsTheyStand(string words, int count)
    {
        string[] texts = ["a red star", "a blue star", "一个红色的星星", "100% red", "back\\slash"];
        foreach (string text in texts)
        {
            string id = _store.Create("", "").Id;
            _store.Add("", id, Turn(text));
            _store.Add("", id, Turn("and another one"));
        }

        _store.Add("", _store.Create("", "Small talk").Id, Turn("a ring"));
        Assert.Equal(
            count, _store.Search("", words.Split(' ', StringSplitOptions.RemoveEmptyEntries), 10).Count);
    }

    [Fact]
    public void TheLastChangedComesFirst()
    {
        string[] ids = [.. Enumerable.Range(0, 4).Select(i => Later(() => _store.Create("", $"{i}").Id))];
        Assert.Equal(ids.Reverse(), Found());
        StudioTurn turn = Turn("a red star");
        Later(() => _store.Add("", ids[1], turn));
        Later(() => _store.Add("", ids[0], Turn("a blue star")));
        Assert.Equal([ids[0], ids[1], ids[3], ids[2]], Found());
        Later(() => _store.Update("", turn.Id, now => now with { Reply = "Here it is." }));
        Assert.Equal([ids[1], ids[0], ids[3], ids[2]], Found());
        Assert.Equal([ids[1], ids[0]], _store.Search("", [], 2).Select(conversation => conversation.Id));
        string[] Found() => [.. _store.Search("", [], 10).Select(conversation => conversation.Id)];
    }

    [Fact]
    public void TheFirstTextIsTheTitleUnlessThereIsOne()
    {
        string id = _store.Create("", "").Id, named = _store.Create("", "My stars").Id;
        _store.Add("", id, Turn("") with { Pictures = ["x"] });
        _store.Add("", id, Turn("a red\n star"));
        _store.Add("", id, Turn("a blue star"));
        _store.Add("", named, Turn("a blue star"));
        Assert.Equal(("a red star", "My stars"), (_store.Find("", id)!.Title, _store.Find("", named)!.Title));
        Assert.True(_store.Change("", id, "Renamed"));
        Assert.Equal("Renamed", _store.Find("", id)!.Title);
        Assert.Equal(new string('a', 79) + "…", ConversationStore.TitleOf(new string('a', 81)));
        Assert.Equal(new string('a', 78) + "…", ConversationStore.TitleOf(new string('a', 78) + "😀😀"));
    }

    [Fact]
    public void ADeletedConversationCanBeRestoredForADay()
    {
        string id = _store.Create("", "Stars").Id;
        StudioTurn turn = Turn("a red star");
        _store.Add("", id, turn);
        Assert.True(_store.Change("", id, deleted: true));
        Assert.Null(_store.Find("", id));
        Assert.Empty(_store.Search("", [], 10));
        Assert.Null(_store.FindTurn("", turn.Id));
        Assert.False(_store.Change("", id, "Renamed"));
        Assert.False(_store.Change("", id, deleted: true));
        Assert.Throws<ApiException>(() => _store.Add("", id, Turn("a blue star")));

        _clock.Now += TimeSpan.FromHours(23);
        _store.Create("", "Another");
        Assert.True(_store.Change("", id, deleted: false));
        Assert.Equal(("Stars", turn.Id), (_store.Find("", id)!.Title, _store.Find("", id)!.Turns!.Single().Id));

        Assert.True(_store.Change("", id, deleted: true));
        _clock.Now += TimeSpan.FromHours(25);
        Assert.False(_store.Change("", id, deleted: false));
        _store.Create("", "Another");
        Assert.False(_store.Change("", id, deleted: false));
        Assert.Null(_store.Find("", id));
    }

    [Fact]
    public void EachOwnerSeesAndChangesHisOwnAlone()
    {
        string id = _store.Create("me", "Mine").Id;
        StudioTurn turn = Turn("a red star");
        _store.Add("me", id, turn);
        Assert.Null(_store.Find("you", id));
        Assert.Null(_store.FindTurn("you", turn.Id));
        Assert.Empty(_store.Search("you", [], 10));
        Assert.False(_store.Change("you", id, "Yours", deleted: true));
        Assert.Null(_store.Update("you", turn.Id, now => now with { Reply = "yours" }));
        Assert.Empty(_store.RemoveFrom("you", turn.Id));
        Assert.Equal(404, Assert.Throws<ApiException>(() => _store.Add("you", id, Turn("yours"))).Status);
        StudioConversation mine = _store.Find("me", id)!;
        Assert.Equal(("Mine", "", 1), (mine.Title, mine.Turns![0].Reply, mine.Turns.Count));
        _store.Change("me", id, deleted: true);
        Assert.False(_store.Change("you", id, deleted: false));
    }

    [Fact]
    public void ATurnIsRemovedWithThoseAfterIt()
    {
        string id = _store.Create("", "").Id, other = _store.Create("", "").Id;
        StudioTurn[] turns = [.. Enumerable.Range(0, 4).Select(i => Turn($"{i}"))];
        foreach (StudioTurn turn in turns)
        {
            _store.Add("", id, turn);
            _store.Add("", other, Turn("another"));
        }

        Assert.Equal(turns[..2].Select(turn => turn.Id), _store.FindTurn("", turns[2].Id)!.Value.Before.Select(turn => turn.Id));
        Assert.Equal(["2", "3"], _store.RemoveFrom("", turns[2].Id).Select(turn => turn.Text));
        Assert.Equal(["0", "1"], _store.Find("", id)!.Turns!.Select(turn => turn.Text));
        Assert.Equal(4, _store.Find("", other)!.Turns!.Count);
        Assert.Empty(_store.RemoveFrom("", turns[2].Id));
    }

    [Fact]
    public void AConversationHasSoManyTurnsAndAnOwnerSoManyConversations()
    {
        string id = _store.Create("", "").Id;
        for (int i = 0; i < ConversationStore.MaxTurns; i++)
        {
            _store.Add("", id, Turn($"{i}"));
        }

        ApiException error = Assert.Throws<ApiException>(() => _store.Add("", id, Turn("one too many")));
        Assert.Equal((400, true), (error.Status, error.Message.Contains("500 turns", StringComparison.Ordinal)));
        Assert.Equal(500, _store.Find("", id)!.Turns!.Count);

        _store.Create("another", "");
        for (int i = 0; i < 2000; i++)
        {
            _store.Create("", $"{i}");
        }

        Assert.Null(_store.Find("", id));
        Assert.Equal(2000, _store.Search("", [], 3000).Count);
        Assert.Single(_store.Search("another", [], 10));
    }

    [Fact]
    public void AGalleryWithoutConversationsIsUpdatedAndKeepsItsPictures()
    {
        using var folder = new TemporaryFolder();
        string path = folder["gallery.db"];
        using (var database = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            database.Open();
            using SqliteCommand command = database.CreateCommand();
            command.CommandText = """
                PRAGMA auto_vacuum = INCREMENTAL;
                CREATE TABLE pictures (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL,
                    created INTEGER NOT NULL, kind TEXT NOT NULL, prompt TEXT NOT NULL, source TEXT, width INTEGER NOT NULL,
                    height INTEGER NOT NULL, seed INTEGER, steps INTEGER, cfg_scale REAL, embedded_guidance REAL,
                    negative_prompt TEXT, model TEXT, seconds REAL, media_type TEXT NOT NULL, bytes INTEGER NOT NULL);
                CREATE INDEX pictures_of_owner ON pictures (owner, number);
                CREATE TABLE files (
                    number INTEGER PRIMARY KEY REFERENCES pictures (number) ON DELETE CASCADE,
                    file BLOB NOT NULL, thumbnail BLOB NOT NULL);
                PRAGMA user_version = 1;
                INSERT INTO pictures (id, owner, created, kind, prompt, width, height, seed, media_type, bytes)
                VALUES ('old', 'me', 7, 'drawn', 'a red star', 16, 8, 5, 'image/png', 3);
                INSERT INTO files (number, file, thumbnail) VALUES (1, x'010203', x'09');
                """;
            command.ExecuteNonQuery();
        }

        using (ConversationStore store = ConversationStore.Open(path))
        {
            store.Add("me", store.Create("me", "").Id, Turn("a blue star"));
        }

        using (var gallery = Gallery.Open(path, long.MaxValue))
        {
            GalleryPicture old = gallery.Find("me", "old")!;
            Assert.Equal(("a red star", 16, 8, 5L, 7L), (old.Prompt, old.Width, old.Height, old.Seed, old.Created));
            Assert.Equal([1, 2, 3], gallery.File("me", "old")!.Data);
            Assert.Equal([9], gallery.File("me", "old", thumbnail: true)!.Data);
            gallery.Add("me", old with { Id = "new" }, new EncodedImage([4], "image/png"), [1]);
            Assert.Equal(["new", "old"], gallery.Search("me", [], null, 10).Select(picture => picture.Id));
        }

        using ConversationStore again = ConversationStore.Open(path);
        Assert.Equal("a blue star", Assert.Single(again.Search("me", ["blue"], 10)).Title);
    }

    private static StudioTurn Turn(string text) => new() { Id = $"{Guid.NewGuid():N}", Text = text };

    private T Later<T>(Func<T> change)
    {
        _clock.Now += TimeSpan.FromSeconds(1);
        return change();
    }

    private void Later(Action change) => Later(() =>
    {
        change();
        return true;
    });

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
