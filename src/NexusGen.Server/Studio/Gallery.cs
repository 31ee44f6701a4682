using System.Text.Json;
using Microsoft.Data.Sqlite;
using NexusGen.Core;
using NexusGen.Server.Images;
using NexusGen.Server.Loras;
using NexusGen.Server.Storage;

namespace NexusGen.Server.Studio;

/// <summary>
/// The gallery: all images that the studio generated or that users brought, with their settings, in one SQLite file. Each owner
/// sees only his own. The size is limited in bytes; the oldest images are removed first, and favorites last. Thread-safe.
/// </summary>
internal sealed class Gallery : IDisposable
{
    // A large image, whose pages are written to the log when it is deleted.
    private const int ReserveBytes = 16 << 20;

    private const string Columns =
        "number, id, created, kind, prompt, source, width, height, seed, steps, cfg_scale, embedded_guidance, negative_prompt, "
        + "model, seconds, favorite, loras";

    private readonly Lock _gate = new();
    private readonly SqliteConnection _database;
    private readonly string _path;
    private readonly GalleryReserve _reserve;
    private readonly long _capacity;

    // Whether the write-ahead log still contains deleted data.
    private bool _toOverwrite;

    private Gallery(SqliteConnection database, string path, GalleryReserve reserve, long capacity)
    {
        _database = database;
        _path = path;
        _reserve = reserve;
        _capacity = capacity;
    }

    /// <summary>Opens or creates a gallery.</summary>
    /// <param name="path">The path of the file, or null for a gallery in memory.</param>
    /// <param name="capacity">The maximum number of bytes of its images.</param>
    /// <param name="reserve">The number of bytes beside the file that are kept for deleting when the disk is full.</param>
    /// <exception cref="NexusGenException">
    /// The file is not a gallery, has a later version, or can't be written.
    /// </exception>
    public static Gallery Open(string? path, long capacity, int reserve = ReserveBytes)
    {
        string source = path ?? StudioDatabase.Memory;
        SqliteConnection database = StudioDatabase.Open(source);
        var space = new GalleryReserve(path is null ? null : Path.GetFullPath(path) + "-reserve", reserve);
        space.Fill();
        return new Gallery(database, source, space, capacity);
    }

    /// <summary>Adds an image.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="picture">The description of the image. Its number and time are set here.</param>
    /// <param name="file">The file of the image.</param>
    /// <param name="thumbnail">The thumbnail, as WebP.</param>
    /// <returns>The description with its number and time.</returns>
    /// <exception cref="GalleryException">The image can't be kept, for example because the disk is full.</exception>
    public GalleryPicture Add(string owner, GalleryPicture picture, EncodedImage file, byte[] thumbnail)
    {
        picture = picture with { Created = DateTimeOffset.UtcNow.ToUnixTimeSeconds() };
        return Change(() =>
        {
            using SqliteTransaction transaction = _database.BeginTransaction();
            long number = _database.Value(
                """
                INSERT INTO pictures (
                    id, owner, created, kind, prompt, source, width, height, seed, steps, cfg_scale, embedded_guidance,
                    negative_prompt, model, seconds, media_type, bytes, loras)
                VALUES (
                    $id, $owner, $created, $kind, $prompt, $source, $width, $height, $seed, $steps, $cfg, $guidance,
                    $negative, $model, $seconds, $type, $bytes, $loras)
                RETURNING number
                """,
                ("$id", picture.Id), ("$owner", owner), ("$created", picture.Created), ("$kind", picture.Kind),
                ("$prompt", picture.Prompt), ("$source", picture.Source), ("$width", picture.Width), ("$height", picture.Height),
                ("$seed", picture.Seed), ("$steps", picture.Steps), ("$cfg", picture.CfgScale),
                ("$guidance", picture.EmbeddedGuidance), ("$negative", picture.NegativePrompt), ("$model", picture.Model),
                ("$seconds", picture.Seconds), ("$type", file.MediaType),
                ("$bytes", file.Data.Length + thumbnail.Length), ("$loras", Write(picture.Loras)));
            _database.Run(
                "INSERT INTO files (number, file, thumbnail) VALUES ($number, $file, $thumbnail)",
                ("$number", number),
                ("$file", file.Data),
                ("$thumbnail", thumbnail));
            _toOverwrite |= MakeRoom(number);
            transaction.Commit();
            Overwrite();
            return picture with { Number = number };
        });
    }

    /// <summary>Returns images of an owner, the latest first.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="words">Words that the prompt must contain. If empty, all images match.</param>
    /// <param name="before">The number that all images must be below, or null for all.</param>
    /// <param name="limit">The maximum number of images.</param>
    /// <param name="kind">The kind of the images, or null for all.</param>
    /// <param name="favorites">Whether only favorites match.</param>
    public IReadOnlyList<GalleryPicture> Search(
        string owner, IReadOnlyList<string> words, long? before, int limit, string? kind = null, bool favorites = false)
    {
        string match = string.Concat(words.Select((_, i) => $" AND prompt LIKE $word{i} ESCAPE '\\'"))
            + (kind is null ? "" : " AND kind = $kind") + (favorites ? " AND favorite = 1" : "");
        (string, object?)[] parameters =
        [
            ("$owner", owner),
            ("$before", before ?? long.MaxValue),
            ("$limit", limit),
            ("$kind", kind),
            .. words.Select((word, i) => ($"$word{i}", (object?)LikePattern.Contains(word))),
        ];
        lock (_gate)
        {
            return _database.Rows(
                $"SELECT {Columns} FROM pictures WHERE owner = $owner AND number < $before{match} "
                + "ORDER BY number DESC LIMIT $limit",
                Read,
                parameters);
        }
    }

    /// <summary>Returns an image, or null if it doesn't exist any more, never did, or has another owner.</summary>
    public GalleryPicture? Find(string owner, string id)
    {
        lock (_gate)
        {
            return _database.Rows(
                $"SELECT {Columns} FROM pictures WHERE owner = $owner AND id = $id",
                Read,
                ("$owner", owner),
                ("$id", id)).FirstOrDefault();
        }
    }

    /// <summary>
    /// Returns the images that are connected with some images by edits: what these were made from, and all that was made from it;
    /// the earliest first.
    /// </summary>
    /// <param name="owner">The owner.</param>
    /// <param name="ids">The ids of the images.</param>
    /// <param name="limit">The maximum number of images. The nearest ones are returned.</param>
    public IReadOnlyList<GalleryPicture> Family(string owner, IReadOnlyList<string> ids, int limit)
    {
        // Rows are added in the order of their distance: the images, their sources, the edits of all these, and so on. A source
        // that was deleted still connects its edits.
        string sql = $"""
            WITH RECURSIVE
            sources (id) AS (
                VALUES {string.Join(", ", ids.Select((_, i) => $"($id{i})"))}
                UNION
                SELECT source FROM sources JOIN pictures USING (id) WHERE owner = $owner AND source IS NOT NULL
                LIMIT $limit),
            family (id) AS (
                SELECT id FROM sources
                UNION
                SELECT pictures.id FROM family JOIN pictures ON source = family.id WHERE owner = $owner
                LIMIT $limit)
            SELECT {Columns} FROM pictures WHERE owner = $owner AND id IN family ORDER BY number
            """;
        lock (_gate)
        {
            return _database.Rows(
                sql,
                Read,
                [("$owner", owner), ("$limit", limit), .. ids.Select((id, i) => ($"$id{i}", (object?)id))]);
        }
    }

    /// <summary>Returns the file or thumbnail of an image, or null as <see cref="Find"/> does.</summary>
    public EncodedImage? File(string owner, string id, bool thumbnail = false)
    {
        lock (_gate)
        {
            string columns = thumbnail ? "thumbnail, 'image/webp'" : "file, media_type";
            return _database.Rows(
                $"SELECT {columns} FROM pictures JOIN files USING (number) WHERE owner = $owner AND id = $id",
                row => new EncodedImage((byte[])row[0], row.GetString(1)),
                ("$owner", owner),
                ("$id", id)).FirstOrDefault();
        }
    }

    /// <summary>
    /// Deletes an image. Afterwards its bytes are in none of the gallery's files, unless another program is reading them.
    /// </summary>
    /// <returns>true if the image existed; otherwise, false.</returns>
    /// <exception cref="GalleryException">The file can't be written.</exception>
    public bool Delete(string owner, string id) => Change(() =>
    {
        bool Once()
        {
            using SqliteTransaction transaction = _database.BeginTransaction();
            bool deleted = _database.Run(
                "DELETE FROM pictures WHERE owner = $owner AND id = $id", ("$owner", owner), ("$id", id)) > 0;
            if (deleted)
            {
                ReturnSpace();
            }

            transaction.Commit();
            _toOverwrite |= deleted;
            Overwrite();
            return deleted;
        }

        try
        {
            return Once();
        }
        catch (SqliteException e) when (GalleryException.IsFull(e) && _reserve.Release())
        {
            return Once();
        }
        finally
        {
            _reserve.Fill();
        }
    });

    /// <summary>Makes images favorites, or no longer. Images that don't exist or have another owner are omitted.</summary>
    /// <returns>The number of images that exist.</returns>
    /// <exception cref="GalleryException">The file can't be written.</exception>
    public int SetFavorite(string owner, IReadOnlyList<string> ids, bool favorite) => Change(() =>
    {
        using SqliteTransaction transaction = _database.BeginTransaction();
        int changed = ids.Sum(id => _database.Run(
            "UPDATE pictures SET favorite = $favorite WHERE owner = $owner AND id = $id",
            ("$favorite", favorite),
            ("$owner", owner),
            ("$id", id)));
        transaction.Commit();
        return changed;
    });

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    private static GalleryPicture Read(SqliteDataReader row)
    {
        T? Value<T>(int column) => row.IsDBNull(column) ? default : row.GetFieldValue<T>(column);
        return new GalleryPicture
        {
            Number = row.GetInt64(0),
            Id = row.GetString(1),
            Created = row.GetInt64(2),
            Kind = row.GetString(3),
            Prompt = row.GetString(4),
            Source = Value<string>(5),
            Width = row.GetInt32(6),
            Height = row.GetInt32(7),
            Seed = Value<long?>(8),
            Steps = Value<int?>(9),
            CfgScale = Value<double?>(10),
            EmbeddedGuidance = Value<double?>(11),
            NegativePrompt = Value<string>(12),
            Model = Value<string>(13),
            Seconds = Value<double?>(14),
            Favorite = row.GetBoolean(15),
            Loras = Value<string>(16) is { } loras
                ? JsonSerializer.Deserialize(loras, StudioJson.Default.IReadOnlyListNamedLora)
                : null,
        };
    }

    private static string? Write(IReadOnlyList<NamedLora>? loras) =>
        loras is null ? null : JsonSerializer.Serialize(loras, StudioJson.Default.IReadOnlyListNamedLora);

    private bool MakeRoom(long newest)
    {
        bool deleted = false;
        while (_database.Value("SELECT COALESCE(SUM(bytes), 0) FROM pictures") > _capacity)
        {
            const string sql = "DELETE FROM pictures WHERE number = "
                + "(SELECT number FROM pictures WHERE number <> $newest ORDER BY favorite, number LIMIT 1)";
            if (_database.Run(sql, ("$newest", newest)) == 0)
            {
                break;
            }

            deleted = true;
        }

        return deleted;
    }

    private T Change<T>(Func<T> change)
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

    // Makes the file smaller by the pages that are free. One row of the result is one page.
    private void ReturnSpace() => _database.Rows("PRAGMA incremental_vacuum", _ => true);

    // Deleted data is in the write-ahead log too, and would stay there until other data overwrites it. If another program is
    // reading, the next change tries again.
    private void Overwrite()
    {
        if (_toOverwrite)
        {
            const long done = 0;
            _toOverwrite = _database.Value("PRAGMA wal_checkpoint(TRUNCATE)") != done;
        }
    }
}
