using Microsoft.Data.Sqlite;
using NexusGen.Server.Images;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>Favorites and kinds in the gallery: found, removed last, and new in galleries of earlier versions.</summary>
public sealed class GalleryFavoriteTests
{
    [Fact]
    public void FavoritesGoLastWhereThereIsNoRoom()
    {
        using var gallery = Gallery.Open(null, 300);
        string first = Add(gallery, "first"), second = Add(gallery, "second");
        Assert.Equal(1, gallery.SetFavorite("", [first], favorite: true));
        string third = Add(gallery, "third"), fourth = Add(gallery, "fourth");
        Assert.Equal([fourth, third, first], Ids(gallery));
        Assert.DoesNotContain(second, Ids(gallery));

        // The image that was just added stays, though all others are favorites.
        gallery.SetFavorite("", [third, fourth], favorite: true);
        string fifth = Add(gallery, "fifth");
        Assert.Equal([fifth, fourth, third], Ids(gallery));

        // An image that is no favorite any more is again removed in its turn.
        gallery.SetFavorite("", [third], favorite: false);
        gallery.SetFavorite("", [fifth], favorite: true);
        Assert.Equal([Add(gallery, "sixth"), fifth, fourth], Ids(gallery));
    }

    [Fact]
    public void AFavoriteIsFoundByItsOwnerAndStaysOneAfterARestart()
    {
        using var folder = new TemporaryFolder();
        string star;
        using (var gallery = Gallery.Open(folder["gallery.db"], long.MaxValue))
        {
            star = Add(gallery, "a red star");
            Add(gallery, "a blue star");
            Assert.Equal(0, gallery.SetFavorite("you", [star], favorite: true));
            Assert.False(gallery.Find("", star)!.Favorite);
            Assert.Equal(1, gallery.SetFavorite("", [star, "another"], favorite: true));
            Assert.Equal(1, gallery.SetFavorite("", [star], favorite: true));
        }

        using var again = Gallery.Open(folder["gallery.db"], long.MaxValue);
        Assert.True(again.Find("", star)!.Favorite);
        Assert.Equal([true], again.Search("", [], null, 10, favorites: true).Select(picture => picture.Favorite));
        Assert.Empty(again.Search("you", [], null, 10, favorites: true));
    }

    [Fact]
    public void WordsKindsAndFavoritesNarrowTogetherPageByPage()
    {
        using var gallery = Gallery.Open(null, long.MaxValue);
        string[] kinds = ["drawn", "edited", "brought"];
        string[] ids = [.. Enumerable.Range(0, 12).Select(i => Add(gallery, i < 6 ? "a star" : "a ring", kinds[i % 3]))];
        gallery.SetFavorite("", [ids[0], ids[1], ids[3], ids[9]], favorite: true);
        Assert.Equal([ids[10], ids[7], ids[4], ids[1]], Ids(gallery, kind: "edited"));
        Assert.Equal([ids[3], ids[0]], Ids(gallery, ["star"], "drawn"));
        Assert.Equal([ids[9], ids[3], ids[0]], Ids(gallery, kind: "drawn", favorites: true));
        Assert.Equal([ids[3], ids[0]], Ids(gallery, ["star"], "drawn", favorites: true));
        Assert.Empty(Ids(gallery, ["circle"], favorites: true));
        Assert.Equal(
            [ids[1]],
            gallery.Search("", [], gallery.Find("", ids[3])!.Number, 1, favorites: true).Select(picture => picture.Id));
    }

    [Fact]
    public void AGalleryWithoutFavoritesIsUpdatedAndKeepsItsPictures()
    {
        using var folder = new TemporaryFolder();
        string path = folder["gallery.db"], id;
        using (var gallery = Gallery.Open(path, long.MaxValue))
        {
            id = Add(gallery, "a red star");
        }

        // As the second version made it.
        using (var database = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            database.Open();
            using SqliteCommand command = database.CreateCommand();
            command.CommandText =
                "DROP INDEX favorites_of_owner; ALTER TABLE pictures DROP COLUMN favorite; "
                + "ALTER TABLE pictures DROP COLUMN loras; PRAGMA user_version = 2";
            command.ExecuteNonQuery();
        }

        using var updated = Gallery.Open(path, long.MaxValue);
        Assert.False(updated.Find("", id)!.Favorite);
        Assert.Null(updated.Find("", id)!.Loras);
        Assert.Equal([1], updated.File("", id)!.Data[..1]);
        updated.SetFavorite("", [id], favorite: true);
        using var other = Gallery.Open(path, long.MaxValue);
        Assert.True(other.Find("", id)!.Favorite);
    }

    private static string[] Ids(Gallery gallery, string[]? words = null, string? kind = null, bool favorites = false) =>
        [.. gallery.Search("", words ?? [], null, 100, kind, favorites).Select(picture => picture.Id)];

    private static string Add(Gallery gallery, string prompt, string kind = "drawn")
    {
        var picture = new GalleryPicture { Id = Guid.NewGuid().ToString("N"), Kind = kind, Prompt = prompt };
        byte[] file = new byte[90];
        file[0] = 1;
        return gallery.Add("", picture, new EncodedImage(file, "image/png"), new byte[10]).Id;
    }
}
