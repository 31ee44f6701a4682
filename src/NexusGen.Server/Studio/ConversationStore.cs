using System.Text.Json;
using Microsoft.Data.Sqlite;
using NexusGen.Core;
using NexusGen.Server.Http;
using NexusGen.Server.Storage;

namespace NexusGen.Server.Studio;

/// <summary>
/// The conversations of the studio, in the SQLite file of the gallery. Each owner sees only his own. A deleted conversation can
/// be restored for a day. Thread-safe.
/// </summary>
internal sealed class ConversationStore : IDisposable
{
    /// <summary>The maximum number of turns of a conversation.</summary>
    public const int MaxTurns = 500;

    /// <summary>The maximum length of a title.</summary>
    public const int MaxTitleLength = 80;

    private const int MaxConversations = 2000;
    private const string Columns = "id, title, created, updated";

    private static readonly TimeSpan Restorable = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly SqliteConnection _database;
    private readonly string _path;
    private readonly TimeProvider _time;

    private ConversationStore(SqliteConnection database, string path, TimeProvider time) =>
        (_database, _path, _time) = (database, path, time);

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    // Conversations that were deleted before can't be restored any more.
    private long Oldest => (_time.GetUtcNow() - Restorable).ToUnixTimeSeconds();

    /// <summary>Opens or creates a store.</summary>
    /// <param name="path">The path of the gallery, or null for a store in memory.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <exception cref="NexusGenException">
    /// The file is not a gallery, has a later version, or can't be written.
    /// </exception>
    public static ConversationStore Open(string? path, TimeProvider? time = null) =>
        new(
            StudioDatabase.Open(path ?? StudioDatabase.Memory), path ?? StudioDatabase.Memory, time ?? TimeProvider.System);

    /// <summary>Creates a conversation. The oldest ones are deleted if there are too many.</summary>
    /// <exception cref="GalleryException">The file can't be written.</exception>
    public StudioConversation Create(string owner, string title) => Edit(() =>
    {
        var created = new StudioConversation { Id = NewId(), Title = title, Created = Now, Updated = Now };
        _database.Run("DELETE FROM conversations WHERE deleted < $oldest", ("$oldest", Oldest));
        _database.Run(
            """
            DELETE FROM conversations WHERE number IN (
                SELECT number FROM conversations WHERE owner = $owner ORDER BY updated DESC, number DESC LIMIT -1 OFFSET $most)
            """,
            ("$owner", owner),
            ("$most", MaxConversations - 1));
        _database.Run(
            "INSERT INTO conversations (id, owner, title, created, updated) VALUES ($id, $owner, $title, $now, $now)",
            ("$id", created.Id), ("$owner", owner), ("$title", title), ("$now", created.Created));
        return created;
    });

    /// <summary>Returns conversations without their turns, the last changed first.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="words">Words that the title or a text of the user must contain. If empty, all conversations match.</param>
    /// <param name="limit">The maximum number of conversations.</param>
    public IReadOnlyList<StudioConversation> Search(string owner, IReadOnlyList<string> words, int limit)
    {
        string match = string.Concat(words.Select((_, i) =>
            $" AND (title LIKE $word{i} ESCAPE '\\' OR EXISTS (SELECT 1 FROM turns WHERE conversation = conversations.number "
            + $"AND text LIKE $word{i} ESCAPE '\\'))"));
        lock (_gate)
        {
            return _database.Rows(
                $"SELECT {Columns} FROM conversations WHERE owner = $owner AND deleted IS NULL{match} "
                + "ORDER BY updated DESC, number DESC LIMIT $limit",
                Read,
                [
                    ("$owner", owner), ("$limit", limit),
                    .. words.Select((word, i) => ($"$word{i}", (object?)LikePattern.Contains(word))),
                ]);
        }
    }

    /// <summary>Returns a conversation with its turns, or null if it doesn't exist or has another owner.</summary>
    public StudioConversation? Find(string owner, string id)
    {
        lock (_gate)
        {
            return _database.Rows(
                $"SELECT {Columns} FROM conversations WHERE owner = $owner AND id = $id AND deleted IS NULL",
                Read,
                ("$owner", owner),
                ("$id", id)).FirstOrDefault() is { } found
                ? found with { Turns = Turns(id) }
                : null;
        }
    }

    /// <summary>
    /// Changes the title of a conversation, or deletes or restores it. One that is deleted can only be restored.
    /// </summary>
    /// <param name="owner">The owner.</param>
    /// <param name="id">The conversation.</param>
    /// <param name="title">The new title, or null to keep it.</param>
    /// <param name="deleted">true to delete it, false to restore it, null to keep it as it is.</param>
    /// <returns>true if the conversation exists, or can be restored; otherwise, false.</returns>
    /// <exception cref="GalleryException">The file can't be written.</exception>
    public bool Change(string owner, string id, string? title = null, bool? deleted = null) => Edit(() => _database.Run(
        """
        UPDATE conversations SET title = COALESCE($title, title), deleted = CASE WHEN $deleted THEN $now ELSE NULL END
        WHERE owner = $owner AND id = $id AND (deleted IS NULL OR ($restored AND deleted >= $oldest))
        """,
        ("$title", title), ("$deleted", deleted == true), ("$now", Now), ("$owner", owner), ("$id", id),
        ("$restored", deleted == false), ("$oldest", Oldest)) > 0);

    /// <summary>Adds a turn to a conversation.</summary>
    /// <exception cref="ApiException">The conversation doesn't exist, or has too many turns.</exception>
    /// <exception cref="GalleryException">The file can't be written.</exception>
    public void Add(string owner, string conversation, StudioTurn turn) => Edit(() =>
    {
        int count = Find(owner, conversation)?.Turns!.Count
            ?? throw ApiException.NotFound("There is no such conversation, or it was deleted.");
        if (count >= MaxTurns)
        {
            throw ApiException.BadRequest($"The conversation has {MaxTurns} turns, the most that are kept: begin a new one.");
        }

        using SqliteTransaction transaction = _database.BeginTransaction();
        _database.Run(
            """
            INSERT INTO turns (id, conversation, text, data)
            VALUES ($id, (SELECT number FROM conversations WHERE id = $conversation), $text, $data)
            """,
            ("$id", turn.Id), ("$conversation", conversation), ("$text", turn.Text), ("$data", Write(turn)));
        Touch(conversation, TitleOf(turn.Text));
        transaction.Commit();
        return true;
    });

    /// <summary>Returns a turn with its conversation and the turns before it, or null if it doesn't exist.</summary>
    public (StudioTurn Turn, string Conversation, IReadOnlyList<StudioTurn> Before)? FindTurn(string owner, string id)
    {
        lock (_gate)
        {
            if (ConversationOf(owner, id) is not { } conversation)
            {
                return null;
            }

            List<StudioTurn> turns = Turns(conversation);
            int place = turns.FindIndex(turn => turn.Id == id);
            return (turns[place], conversation, turns[..place]);
        }
    }

    /// <summary>Changes a turn, if it still exists.</summary>
    /// <returns>The changed turn, or null.</returns>
    /// <exception cref="GalleryException">The file can't be written.</exception>
    public StudioTurn? Update(string owner, string id, Func<StudioTurn, StudioTurn> change) => Edit(() =>
    {
        if (ConversationOf(owner, id) is not { } conversation)
        {
            return null;
        }

        StudioTurn turn = change(_database.Rows("SELECT data FROM turns WHERE id = $id", ReadTurn, ("$id", id)).Single());
        using SqliteTransaction transaction = _database.BeginTransaction();
        _database.Run("UPDATE turns SET data = $data WHERE id = $id", ("$data", Write(turn)), ("$id", id));
        Touch(conversation);
        transaction.Commit();
        return turn;
    });

    /// <summary>Removes a turn and those after it.</summary>
    /// <returns>The removed turns, or an empty list if the turn doesn't exist.</returns>
    /// <exception cref="GalleryException">The file can't be written.</exception>
    public IReadOnlyList<StudioTurn> RemoveFrom(string owner, string id) => Edit<IReadOnlyList<StudioTurn>>(() =>
    {
        if (FindTurn(owner, id) is not { Conversation: var conversation, Before: var before })
        {
            return [];
        }

        StudioTurn[] removed = [.. Turns(conversation).Skip(before.Count)];
        using SqliteTransaction transaction = _database.BeginTransaction();
        foreach (StudioTurn turn in removed)
        {
            _database.Run("DELETE FROM turns WHERE id = $id", ("$id", turn.Id));
        }

        Touch(conversation);
        transaction.Commit();

        // The write-ahead log has the texts too.
        _database.Value("PRAGMA wal_checkpoint(TRUNCATE)");
        return removed;
    });

    /// <summary>Removes images that were deleted from all turns.</summary>
    public void ForgetPictures(string owner, IReadOnlyList<string> pictures) => Edit(() =>
    {
        List<StudioTurn> naming = _database.Rows(
            "SELECT data FROM turns JOIN conversations ON conversations.number = conversation WHERE owner = $owner "
            + "AND EXISTS (SELECT 1 FROM json_each($pictures) WHERE instr(data, CAST(value AS BLOB)) > 0)",
            ReadTurn,
            ("$owner", owner),
            ("$pictures", JsonSerializer.Serialize(pictures, StudioJson.Default.IReadOnlyListString)));
        using SqliteTransaction transaction = _database.BeginTransaction();
        foreach (StudioTurn turn in naming)
        {
            _database.Run(
                "UPDATE turns SET data = $data WHERE id = $id", ("$data", Write(turn.Without(pictures))), ("$id", turn.Id));
        }

        transaction.Commit();
        return naming.Count;
    });

    /// <summary>
    /// Returns the ids of the images that answer the same turn as an image, with its own; or an empty list if no turn has it.
    /// </summary>
    /// <param name="owner">The owner.</param>
    /// <param name="picture">The image.</param>
    public IReadOnlyList<string> PicturesBeside(string owner, GalleryPicture picture)
    {
        lock (_gate)
        {
            // The text, which is the image's, spares reading the data of all other turns.
            return _database.Rows(
                "SELECT data FROM turns JOIN conversations ON conversations.number = conversation "
                + "WHERE owner = $owner AND deleted IS NULL AND text = $text AND instr(data, CAST($picture AS BLOB)) > 0",
                row => JsonSerializer.Deserialize((byte[])row[0], StudioJson.Default.StudioTurn)!,
                ("$owner", owner),
                ("$text", picture.Prompt),
                ("$picture", picture.Id))
                .Select(turn => (string[])[.. turn.Drawn, .. turn.Variations])
                .FirstOrDefault(pictures => pictures.Contains(picture.Id)) ?? [];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    /// <summary>Returns a title for a conversation that begins with a text.</summary>
    public static string TitleOf(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= MaxTitleLength)
        {
            return line;
        }

        const int last = MaxTitleLength - 2;
        return line[..(char.IsHighSurrogate(line[last]) ? last : last + 1)] + "…";
    }

    private static string NewId() => Scheduling.ShortTermStore<object>.NewId("");

    private static StudioConversation Read(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        Title = row.GetString(1),
        Created = row.GetInt64(2),
        Updated = row.GetInt64(3),
    };

    private static StudioTurn ReadTurn(SqliteDataReader row) =>
        JsonSerializer.Deserialize((byte[])row[0], StudioJson.Default.StudioTurn)!;

    private static byte[] Write(StudioTurn turn) => JsonText.Serialize(turn, StudioJson.Default.StudioTurn).ToArray();

    private List<StudioTurn> Turns(string conversation) => _database.Rows(
        "SELECT data FROM turns WHERE conversation = (SELECT number FROM conversations WHERE id = $id) ORDER BY number",
        ReadTurn,
        ("$id", conversation));

    private string? ConversationOf(string owner, string turn) => _database.Rows(
        "SELECT conversations.id FROM turns JOIN conversations ON conversations.number = conversation "
        + "WHERE turns.id = $id AND owner = $owner AND deleted IS NULL",
        row => row.GetString(0),
        ("$id", turn),
        ("$owner", owner)).FirstOrDefault();

    private T Edit<T>(Func<T> change)
    {
        lock (_gate)
        {
            try
            {
                return change();
            }
            catch (SqliteException e) when (GalleryException.IsOfDisk(e))
            {
                throw new GalleryException(_path, e);
            }
        }
    }

    // A conversation without a title takes one.
    private void Touch(string conversation, string? title = null) => _database.Run(
        "UPDATE conversations SET updated = $now, title = CASE title WHEN '' THEN COALESCE($title, '') ELSE title END "
        + "WHERE id = $id",
        ("$now", Now), ("$title", title), ("$id", conversation));
}
