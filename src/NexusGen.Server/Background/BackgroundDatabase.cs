using Microsoft.Data.Sqlite;
using NexusGen.Core;
using NexusGen.Server.Storage;

namespace NexusGen.Server.Background;

/// <summary>The SQLite file of the background work: its tables and settings.</summary>
internal static class BackgroundDatabase
{
    /// <summary>The name of a database in memory.</summary>
    public const string Memory = ":memory:";

    private const int Version = 2;

    // SQLite's result codes for a file that another program has locked.
    private const int Busy = 5;
    private const int Locked = 6;

    private const string Schema = """
        CREATE TABLE jobs (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, kind TEXT NOT NULL,
            model TEXT NOT NULL, status TEXT NOT NULL, starts INTEGER NOT NULL, finished INTEGER, request BLOB NOT NULL,
            response BLOB, bytes INTEGER NOT NULL, created INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE events (
            job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE, place INTEGER NOT NULL, type TEXT NOT NULL,
            data BLOB NOT NULL, PRIMARY KEY (job, place));
        CREATE TABLE items (
            id TEXT PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE, place INTEGER NOT NULL,
            content BLOB NOT NULL);
        CREATE INDEX items_of_job ON items (job, place);
        """;

    // Since version 2.
    private const string Created = """
        ALTER TABLE jobs ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
        UPDATE jobs SET created = unixepoch();
        """;

    /// <summary>Opens or creates a database, which is locked for this server until it ends, in whichever way.</summary>
    /// <param name="source">The path of the file, or <see cref="Memory"/>.</param>
    /// <returns>The database, or null if another server uses the file.</returns>
    /// <exception cref="NexusGenException">
    /// The file is not such a database, has a later version, or can't be written.
    /// </exception>
    public static SqliteConnection? TryOpen(string source)
    {
        var connection = new SqliteConnectionStringBuilder { DataSource = source, Pooling = false, DefaultTimeout = 1 };
        var database = new SqliteConnection(connection.ConnectionString);
        bool opened = false;
        try
        {
            if (source != Memory)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(source))!);
            }

            database.Open();
            Prepare(database, source);
            opened = true;
            return database;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Busy or Locked)
        {
            return null;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException(
                $"The file of the background work, {source}, can't be opened: {e.Message.TrimEnd('.')}. "
                + "Name another file for it, or mend or remove that one.",
                e);
        }
        finally
        {
            if (!opened)
            {
                database.Dispose();
            }
        }
    }

    private static void Prepare(SqliteConnection database, string source)
    {
        // Deleted data is overwritten.
        database.Run(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; "
            + "PRAGMA secure_delete = ON;");
        long version = database.Value("PRAGMA user_version");
        if (version > Version)
        {
            throw new NexusGenException(
                $"The file of the background work, {source}, was made by a later version of this program: use that one, or name "
                + "another file for it.");
        }

        // The lock is taken by the first write.
        string update = version switch { 0 => Schema, 1 => Created, _ => "" };
        database.Run($"BEGIN IMMEDIATE; {update} PRAGMA user_version = {Version}; COMMIT;");
    }
}
