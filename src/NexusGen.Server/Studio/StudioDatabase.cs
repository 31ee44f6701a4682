using Microsoft.Data.Sqlite;
using NexusGen.Core;
using NexusGen.Server.Storage;

namespace NexusGen.Server.Studio;

/// <summary>The SQLite file of the studio, with its gallery and conversations: tables and settings.</summary>
internal static class StudioDatabase
{
    /// <summary>The name of a database in memory.</summary>
    public const string Memory = ":memory:";

    private const int Version = 4;

    private const string Pictures = """
        CREATE TABLE pictures (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, created INTEGER NOT NULL,
            kind TEXT NOT NULL, prompt TEXT NOT NULL, source TEXT, width INTEGER NOT NULL, height INTEGER NOT NULL,
            seed INTEGER, steps INTEGER, cfg_scale REAL, embedded_guidance REAL, negative_prompt TEXT, model TEXT,
            seconds REAL, media_type TEXT NOT NULL, bytes INTEGER NOT NULL);
        CREATE INDEX pictures_of_owner ON pictures (owner, number);
        CREATE TABLE files (
            number INTEGER PRIMARY KEY REFERENCES pictures (number) ON DELETE CASCADE,
            file BLOB NOT NULL, thumbnail BLOB NOT NULL);
        """;

    // Since version 2.
    private const string Conversations = """
        CREATE TABLE conversations (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, title TEXT NOT NULL,
            created INTEGER NOT NULL, updated INTEGER NOT NULL, deleted INTEGER);
        CREATE INDEX conversations_of_owner ON conversations (owner, updated);
        CREATE TABLE turns (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
            conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE, text TEXT NOT NULL,
            data BLOB NOT NULL);
        CREATE INDEX turns_of_conversation ON turns (conversation, number);
        PRAGMA user_version = 2;
        """;

    // What versions have in common: edits are found by their source, and those of a deleted image become edits of its source, so
    // that the history of an image has no gap.
    private const string Edits = """
        CREATE INDEX IF NOT EXISTS pictures_of_source ON pictures (owner, source) WHERE source IS NOT NULL;
        CREATE TRIGGER IF NOT EXISTS source_of_edits AFTER DELETE ON pictures WHEN OLD.source IS NOT NULL BEGIN
            UPDATE pictures SET source = OLD.source WHERE owner = OLD.owner AND source = OLD.id;
        END;
        """;

    // Since version 3.
    private const string Favorites = """
        ALTER TABLE pictures ADD COLUMN favorite INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX favorites_of_owner ON pictures (owner, number) WHERE favorite = 1;
        PRAGMA user_version = 3;
        """;

    // Since version 4.
    private const string Loras = """
        ALTER TABLE pictures ADD COLUMN loras TEXT;
        PRAGMA user_version = 4;
        """;

    /// <summary>Opens or creates a database.</summary>
    /// <param name="source">The path of the file, or <see cref="Memory"/>.</param>
    /// <exception cref="NexusGenException">
    /// The file is not a gallery, has a later version, or can't be written.
    /// </exception>
    public static SqliteConnection Open(string source)
    {
        var connection = new SqliteConnectionStringBuilder { DataSource = source, Pooling = false };
        var database = new SqliteConnection(connection.ConnectionString);
        try
        {
            if (source != Memory)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(source))!);
            }

            database.Open();
            Prepare(database, source);
            return database;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            database.Dispose();
            throw new NexusGenException(
                $"The gallery {source} can't be opened: {e.Message.TrimEnd('.')}. "
                + "Name another file for it, or mend or remove that one.",
                e);
        }
        catch (NexusGenException)
        {
            database.Dispose();
            throw;
        }
    }

    private static void Prepare(SqliteConnection database, string source)
    {
        long version = database.Value("PRAGMA user_version");
        if (version > Version)
        {
            throw new NexusGenException(
                $"The gallery {source} was made by a later version of this program: use that one, or name another file for it.");
        }

        // Deleted images are overwritten, including what a crash left of them in the log. A crash of the machine can lose the
        // last image but not the gallery.
        database.Run(
            (version == 0 ? "PRAGMA auto_vacuum = INCREMENTAL; " : "")
            + "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; "
            + "PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(TRUNCATE);");
        if (version < Version)
        {
            Update(database);
        }

        database.Run(Edits);
    }

    // The gallery and the conversations open the file at the same time, and so may two servers: one of them updates it.
    private static void Update(SqliteConnection database)
    {
        using SqliteTransaction transaction = database.BeginTransaction(deferred: false);
        long version = database.Value("PRAGMA user_version");
        if (version == 0)
        {
            database.Run(Pictures);
        }

        if (version < 2)
        {
            database.Run(Conversations);
        }

        if (version < 3)
        {
            database.Run(Favorites);
        }

        if (version < Version)
        {
            database.Run(Loras);
        }

        transaction.Commit();
    }
}
