using Microsoft.Data.Sqlite;
using NexusGen.Server.Images;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>The images of the gallery that are connected by edits.</summary>
public sealed class GalleryFamilyTests
{
    private const int Limit = 500;

    [Fact]
    public void EveryMemberHasTheSameFamilyAndNobodyElseIsInIt()
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        string first = Add(gallery, null), alone = Add(gallery, null), edit = Add(gallery, first);
        string[] branches = [.. Enumerable.Range(0, 3).Select(_ => Add(gallery, edit))];
        string last = Add(gallery, branches[1]);
        string[] family = [first, edit, .. branches, last];
        Assert.All(family, id => Assert.Equal(family, Family(gallery, id)));
        Assert.Equal([alone], Family(gallery, alone));
        Assert.Equal([.. family[..1], alone, .. family[1..]], Family(gallery, alone, last));
    }

    [Fact]
    public void OwnersAreApart()
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        string mine = Add(gallery, null);
        string foreign = gallery.Add("you", Picture(mine), File(1), [1]).Id;
        Assert.Equal([mine], Family(gallery, mine));
        Assert.Empty(Family(gallery, foreign));
        Assert.Equal([foreign], gallery.Family("you", [foreign], Limit).Select(picture => picture.Id));
    }

    [Fact]
    public void DeletedImagesAreSkipped()
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        string first = Add(gallery, null), second = Add(gallery, first), third = Add(gallery, second), last = Add(gallery, third);
        string foreign = gallery.Add("you", Picture(second), File(1), [1]).Id;
        Assert.True(gallery.Delete("me", third));
        Assert.True(gallery.Delete("me", second));
        Assert.Equal([first, last], Family(gallery, last));
        Assert.Equal(first, gallery.Find("me", last)!.Source);
        Assert.Equal(second, gallery.Find("you", foreign)!.Source);

        // The edits of a first image still belong together.
        string other = Add(gallery, first);
        Assert.True(gallery.Delete("me", first));
        Assert.Equal([last, other], Family(gallery, last));
        Assert.True(gallery.Delete("me", other));
        Assert.Equal([last], Family(gallery, last));
    }

    [Fact]
    public void SoAreSeveralThatAreDeletedAtOnce()
    {
        using var folder = new TemporaryFolder();
        using var gallery = Gallery.Open(folder["gallery.db"], long.MaxValue);
        string first = Add(gallery, null), second = Add(gallery, first), third = Add(gallery, second), last = Add(gallery, third);
        Run(folder["gallery.db"], $"DELETE FROM pictures WHERE id IN ('{second}', '{third}')");
        Assert.Equal([first, last], Family(gallery, last));
    }

    [Fact]
    public void SoAreThoseThatMadeRoom()
    {
        using var gallery = Gallery.Open(null, 350);
        string first = Add(gallery, null, 100), second = Add(gallery, first, 100), third = Add(gallery, second, 100);
        string fourth = Add(gallery, third, 100), fifth = Add(gallery, third, 100);
        Assert.Null(gallery.Find("me", second));
        Assert.Equal([third, fourth, fifth], Family(gallery, third));
        Assert.Equal(first, gallery.Find("me", third)!.Source);
    }

    [Fact]
    public void OfALargeFamilyTheNearestAreReturned()
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        string root = Add(gallery, null);
        List<string> chain = [root];
        for (int i = 0; i < 50; i++)
        {
            chain.Add(Add(gallery, chain[^1]));
        }

        for (int i = 0; i < 30; i++)
        {
            Add(gallery, root);
        }

        Assert.Equal(81, Family(gallery, chain[20]).Length);
        Assert.Equal(chain[11..21], Family(gallery, 10, chain[20]));
        string[] near = Family(gallery, 20, chain[5]);
        Assert.Equal(20, near.Length);
        Assert.All(chain[..7], id => Assert.Contains(id, near));
    }

    [Fact]
    public void ACircleEnds()
    {
        using var folder = new TemporaryFolder();
        using var gallery = Gallery.Open(folder["gallery.db"], long.MaxValue);
        string first = Add(gallery, null), second = Add(gallery, first);
        Run(folder["gallery.db"], $"UPDATE pictures SET source = '{second}' WHERE id = '{first}'");
        Assert.Equal([first, second], Family(gallery, first));
    }

    [Fact]
    public void AGalleryOfAnEarlierVersionKnowsItsFamiliesToo()
    {
        using var folder = new TemporaryFolder();
        string first, second, third;
        using (var gallery = Gallery.Open(folder["gallery.db"], long.MaxValue))
        {
            first = Add(gallery, null);
            second = Add(gallery, first);
            third = Add(gallery, second);
        }

        Run(folder["gallery.db"], "DROP TRIGGER source_of_edits; DROP INDEX pictures_of_source");
        using var again = Gallery.Open(folder["gallery.db"], long.MaxValue);
        Assert.True(again.Delete("me", second));
        Assert.Equal([first, third], Family(again, third));
    }

    private static void Run(string path, string sql)
    {
        using var database = new SqliteConnection($"Data Source={path};Pooling=False");
        database.Open();
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string[] Family(Gallery gallery, params string[] ids) => Family(gallery, Limit, ids);

    private static string[] Family(Gallery gallery, int limit, params string[] ids) =>
        [.. gallery.Family("me", ids, limit).Select(picture => picture.Id)];

    private static string Add(Gallery gallery, string? source, int bytes = 1) =>
        gallery.Add("me", Picture(source), File(new byte[bytes - 1]), [1]).Id;

    private static GalleryPicture Picture(string? source) =>
        new() { Id = Guid.NewGuid().ToString("N"), Kind = "edited", Source = source, Width = 16, Height = 16 };

    private static EncodedImage File(params byte[] data) => new(data, "image/png");
}
