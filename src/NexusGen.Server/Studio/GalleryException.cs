using Microsoft.Data.Sqlite;
using NexusGen.Core;

namespace NexusGen.Server.Studio;

/// <summary>The exception when the gallery can't be changed, for example because the disk is full.</summary>
internal sealed class GalleryException : NexusGenException
{
    // Result codes of SQLite that say something of the disk and not of the statement.
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;

    /// <summary>Initializes the exception.</summary>
    /// <param name="path">The file of the gallery.</param>
    /// <param name="e">What SQLite reported.</param>
    public GalleryException(string path, SqliteException e)
        : base(
            e.SqliteErrorCode switch
            {
                Full => $"The disk of the gallery {path} is full: delete pictures or free space.",
                ReadOnly => $"The gallery {path} is read-only: allow writing it.",
                _ => $"The gallery {path} can't be written ({e.Message.TrimEnd('.')}): see to its disk.",
            },
            e)
    {
    }

    /// <summary>Returns whether the disk is at fault.</summary>
    public static bool IsOfDisk(SqliteException e) => e.SqliteErrorCode is ReadOnly or InputOutput or Full or CannotOpen;

    /// <summary>Returns whether the disk is full. Some file systems report that as an input or output error.</summary>
    public static bool IsFull(SqliteException e) => e.SqliteErrorCode is Full or InputOutput;
}
