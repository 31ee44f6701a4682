using Microsoft.Data.Sqlite;
using NexusGen.Core;
using NexusGen.Server.Images;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>The gallery of the studio: storage, search, size limit, and separate owners.</summary>
public sealed class GalleryTests
{
    [Fact]
    public void WhatWasKeptIsThereAfterARestart()
    {
        using var folder = new TemporaryFolder();
        string path = folder["deep/down/gallery.db"];
        GalleryPicture kept;
        using (var gallery = Gallery.Open(path, long.MaxValue))
        {
            kept = gallery.Add(
                "me",
                Picture("a red star") with
                {
                    Source = "x",
                    Seed = 7,
                    Steps = 6,
                    CfgScale = 1.5,
                    EmbeddedGuidance = 3.5,
                    NegativePrompt = "blue",
                    Model = "tiny",
                    Seconds = 0.5
                },
                File(1, 2, 3),
                [9]);
        }

        using var again = Gallery.Open(path, long.MaxValue);
        Assert.Equal(kept, again.Find("me", kept.Id));
        Assert.Equal([1, 2, 3], again.File("me", kept.Id)!.Data);
        Assert.Equal(
            ("image/webp", 9),
            (again.File("me", kept.Id, thumbnail: true)!.MediaType, again.File("me", kept.Id, thumbnail: true)!.Data[0]));
        Assert.Equal([kept], again.Search("me", [], null, 10));
    }

    [Fact]
    public void EachOwnerSeesAndDeletesHisOwnAlone()
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        GalleryPicture mine = gallery.Add("me", Picture("mine"), File(1), [1]);
        Assert.Null(gallery.Find("you", mine.Id));
        Assert.Null(gallery.File("you", mine.Id));
        Assert.Empty(gallery.Search("you", [], null, 10));
        Assert.False(gallery.Delete("you", mine.Id));
        Assert.True(gallery.Delete("me", mine.Id));
        Assert.False(gallery.Delete("me", mine.Id));
        Assert.Null(gallery.File("me", mine.Id));
    }

    [Theory]
    [InlineData("star", 2)]
    [InlineData("STAR", 2)]
    [InlineData("star blue", 1)]
    [InlineData("星星", 1)]
    [InlineData("100%", 1)]
    [InlineData("%", 1)]
    [InlineData("_", 0)]
    [InlineData("' OR 1=1 --", 0)]
    [InlineData("\\", 1)]
    [InlineData("", 5)]
    public void WordsAreFoundAsTheyStand(string words, int count)
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        foreach (string prompt in new[] { "a red star", "a blue star", "一个红色的星星", "100% red", "back\\slash" })
        {
            gallery.Add("", Picture(prompt), File(1), [1]);
        }

        Assert.Equal(count, gallery.Search("", words.Split(' ', StringSplitOptions.RemoveEmptyEntries), null, 10).Count);
    }

    [Fact]
    public void PagesFollowEachOtherFromTheLatestToTheFirst()
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        string[] ids = [.. Enumerable.Range(0, 7).Select(i => gallery.Add("", Picture($"picture {i}"), File(1), [1]).Id)];
        IReadOnlyList<GalleryPicture> first = gallery.Search("", [], null, 3),
            second = gallery.Search("", [], first[^1].Number, 3),
            third = gallery.Search("", [], second[^1].Number, 3);
        Assert.Equal(ids.Reverse(), first.Concat(second).Concat(third).Select(picture => picture.Id));
    }

    [Fact]
    public void TheOldestGoWhereThereIsNoRoom()
    {
        using var gallery = Gallery.Open(null, 250);
        string[] ids =
        [
            .. Enumerable.Range(0, 4).Select(i => gallery.Add("", Picture($"{i}"), File(new byte[90]), new byte[10]).Id)
        ];
        Assert.Equal([ids[3], ids[2]], gallery.Search("", [], null, 10).Select(picture => picture.Id));
        string large = gallery.Add("", Picture("large"), File(new byte[1000]), [1]).Id;
        Assert.Equal([large], gallery.Search("", [], null, 10).Select(picture => picture.Id));
    }

    [Fact]
    public void OfWhatWasDeletedNoByteStaysInTheFiles()
    {
        using var folder = new TemporaryFolder();
        using var gallery = Gallery.Open(folder["gallery.db"], long.MaxValue);
        byte[] file = Noise(60_000), thumbnail = Noise(3000), other = Noise(5000);
        gallery.Add("me", Picture("a picture that stays"), File(other), Noise(1000));
        string id = gallery.Add("me", Picture("my secret birthday"), File(file), thumbnail).Id;
        gallery.Add("me", Picture("another picture that stays"), File(Noise(5000)), Noise(1000));
        Assert.True(Holds(folder.Path, file) && Holds(folder.Path, thumbnail) && Holds(folder.Path, "my secret birthday"u8));
        Assert.True(gallery.Delete("me", id));
        Assert.False(Holds(folder.Path, file) || Holds(folder.Path, thumbnail) || Holds(folder.Path, "my secret birthday"u8));
        Assert.True(Holds(folder.Path, other));
        Assert.Equal(2, gallery.Search("me", ["stays"], null, 10).Count);
    }

    [Fact]
    public void NorOfWhatMadeRoom()
    {
        using var folder = new TemporaryFolder();
        using var gallery = Gallery.Open(folder["gallery.db"], 50_000);
        byte[] file = Noise(30_000);
        gallery.Add("me", Picture("first"), File(file), [1]);
        Assert.True(Holds(folder.Path, file));
        gallery.Add("me", Picture("second"), File(Noise(30_000)), [1]);
        Assert.False(Holds(folder.Path, file));
    }

    [Fact]
    public void WhereAnotherIsReadingTheNextChangeOverwritesWhatWasDeleted()
    {
        using var folder = new TemporaryFolder();
        using var gallery = Gallery.Open(folder["gallery.db"], long.MaxValue);
        byte[] file = Noise(30_000);
        string id = gallery.Add("me", Picture("first"), File(file), [1]).Id;
        using (var other = new SqliteConnection($"Data Source={folder["gallery.db"]};Pooling=False"))
        {
            other.Open();
            using SqliteTransaction reading = other.BeginTransaction(deferred: true);
            using SqliteCommand command = other.CreateCommand();
            command.Transaction = reading;
            command.CommandText = "SELECT COUNT(*) FROM pictures";
            Assert.Equal(1L, command.ExecuteScalar());
            Assert.True(gallery.Delete("me", id));
            Assert.True(Holds(folder.Path, file));
            reading.Rollback();
        }

        gallery.Add("me", Picture("second"), File(Noise(1000)), [1]);
        Assert.False(Holds(folder.Path, file));
    }

    [Fact]
    public void WhatACrashLeftOfItIsOverwrittenAtTheNextStart()
    {
        using var folder = new TemporaryFolder();
        byte[] file = Noise(30_000);
        Directory.CreateDirectory(folder["crashed"]);
        using (var gallery = Gallery.Open(folder["gallery.db"], long.MaxValue))
        {
            gallery.Add("me", Picture("first"), File(file), [1]);

            // The state between deleting and overwriting.
            using (var other = new SqliteConnection($"Data Source={folder["gallery.db"]};Pooling=False"))
            {
                other.Open();
                using SqliteCommand command = other.CreateCommand();
                command.CommandText = "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; DELETE FROM pictures";
                command.ExecuteNonQuery();
            }

            foreach (string name in new[] { "gallery.db", "gallery.db-wal" })
            {
                System.IO.File.Copy(folder[name], folder[$"crashed/{name}"]);
            }
        }

        Assert.True(Holds(folder["crashed"], file));
        using var again = Gallery.Open(folder["crashed/gallery.db"], long.MaxValue);
        Assert.Empty(again.Search("me", [], null, 10));
        Assert.False(Holds(folder["crashed"], file));
    }

    [Fact]
    public void ManyThreadsMayUseIt()
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        Parallel.For(0, 64, i =>
        {
            GalleryPicture kept = gallery.Add("", Picture($"{i}"), File((byte)i), [1]);
            Assert.Equal((byte)i, gallery.File("", kept.Id)!.Data[0]);
            gallery.Search("", [], null, 5);
        });
        Assert.Equal(64, gallery.Search("", [], null, 100).Count);
    }

    [Fact]
    public void TwoServersMayShareAFile()
    {
        using var folder = new TemporaryFolder();
        using var one = Gallery.Open(folder["gallery.db"], long.MaxValue);
        using var other = Gallery.Open(folder["gallery.db"], long.MaxValue);
        Parallel.For(0, 40, i => (i % 2 == 0 ? one : other).Add("", Picture($"{i}"), File(1), [1]));
        Assert.Equal(40, one.Search("", [], null, 100).Count);
    }

    [Fact]
    public void AFileThatIsNoGalleryIsRefusedInASentenceAndStays()
    {
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllText(folder["notes.txt"], new string('x', 5000));
        var wrong = Assert.Throws<NexusGenException>(() => Gallery.Open(folder["notes.txt"], 1));
        Assert.Contains("notes.txt", wrong.Message);
        Assert.Equal(5000, new FileInfo(folder["notes.txt"]).Length);

        using (var database = new SqliteConnection($"Data Source={folder["later.db"]};Pooling=False"))
        {
            database.Open();
            using SqliteCommand command = database.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Assert.Contains("later version", Assert.Throws<NexusGenException>(() => Gallery.Open(folder["later.db"], 1)).Message);
        Assert.Throws<NexusGenException>(() => Gallery.Open(folder["notes.txt/gallery.db"], 1));
    }

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    // Whether a file in a folder contains any part of the bytes: an image is spread over pages of the database.
    private static bool Holds(string folder, ReadOnlySpan<byte> bytes)
    {
        const int piece = 16;
        foreach (string path in Directory.GetFiles(folder))
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] whole = new byte[stream.Length];
            stream.ReadExactly(whole);
            for (int i = 0; i + piece <= bytes.Length; i += 500)
            {
                if (whole.AsSpan().IndexOf(bytes.Slice(i, piece)) >= 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static GalleryPicture Picture(string prompt) =>
        new() { Id = Guid.NewGuid().ToString("N"), Kind = "drawn", Prompt = prompt, Width = 16, Height = 16 };

    private static EncodedImage File(params byte[] data) => new(data, "image/png");
}
