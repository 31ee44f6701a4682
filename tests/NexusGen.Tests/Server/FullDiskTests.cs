using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Server.Images;
using NexusGen.Server.Studio;
using NexusGen.Tests.Imaging;

namespace NexusGen.Tests.Server;

/// <summary>A full disk: generated images reach their users, images can be deleted, and the log says why.</summary>
public sealed class FullDiskTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const int Large = 2 << 20;

    [SmallDiskFact]
    public void DeletingWorksOnAFullDiskAndFreesSpace()
    {
        using var disk = new SmallDisk(32);
        using var gallery = Gallery.Open(disk["gallery.db"], long.MaxValue, reserve: 4 << 20);
        List<string> kept = [];
        GalleryException? full = null;
        while (full is null)
        {
            try
            {
                kept.Add(Add(gallery));
            }
            catch (GalleryException e)
            {
                full = e;
            }
        }

        Assert.StartsWith($"The disk of the gallery {disk["gallery.db"]} is full", full.Message);
        Assert.True(kept.Count >= 3);
        disk.Fill();
        Assert.InRange(disk.Free, 0, 4096);
        Assert.True(gallery.Delete("me", kept[0]));
        Assert.True(gallery.Delete("me", kept[1]));
        Assert.InRange(disk.Free, Large, long.MaxValue);
        Assert.Null(gallery.File("me", kept[0]));
        Assert.Equal(Large, gallery.File("me", kept[2])!.Data.Length);
        kept.Add(Add(gallery));
        Assert.Equal(Large, gallery.File("me", kept[^1])!.Data.Length);
        Assert.True(File.Exists(disk["gallery.db-reserve"]));
    }

    [SmallDiskFact]
    public async Task AGeneratedImageReachesItsUserThoughItCantBeKept()
    {
        using var disk = new SmallDisk(4);
        await using TestServer server = await TestServer.StartAsync(
            tiny.Model, options => options.Gallery = disk["gallery.db"]);
        (string first, string? data) = await DrawAsync(server);
        Assert.Null(data);
        disk.Fill();
        for (int i = 0; i < 2; i++)
        {
            (string id, data) = await DrawAsync(server);
            byte[] file = Convert.FromBase64String(data!["data:image/png;base64,".Length..]);
            Assert.Equal(tiny.Model.Configuration.Defaults.Generate.Width, ImageFile.Read(file).Width);
            Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync($"/studio/api/pictures/{id}")).StatusCode);
        }

        byte[] png = ImageFile.Encode(Pictures.Noise(64, 64), ImageFormat.Png);
        using var brought = new ByteArrayContent(png) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using HttpResponseMessage refused = await server.Http.PostAsync("/studio/api/pictures", brought);
        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);

        // The cause is logged once.
        string logged = Assert.Single(server.Log.Warnings);
        Assert.Contains($"The disk of the gallery {disk["gallery.db"]} is full", logged);
        File.Delete(disk["filler"]);
        Assert.Equal(
            HttpStatusCode.NoContent, (await server.Http.DeleteAsync($"/studio/api/pictures/{first}")).StatusCode);
        (_, data) = await DrawAsync(server);
        Assert.Null(data);
    }

    private static string Add(Gallery gallery)
    {
        byte[] file = new byte[Large];
        Random.Shared.NextBytes(file);
        var picture = new GalleryPicture { Id = Guid.NewGuid().ToString("N"), Kind = "drawn", Prompt = "a red star" };
        return gallery.Add("me", picture, new EncodedImage(file, "image/png"), [1]).Id;
    }

    private static async Task<(string Id, string? Data)> DrawAsync(TestServer server)
    {
        var body = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["text"] = "a red star" }),
            ["action"] = "draw",
            ["picture"] = new JsonObject { ["steps"] = 1 },
        };
        using HttpResponseMessage response = await server.PostAsync("/studio/api/turns", body);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        JsonNode picture = lines.Where(line => line.StartsWith("data: ", StringComparison.Ordinal))
            .Select(line => JsonNode.Parse(line["data: ".Length..])!)
            .Single(piece => (string?)piece["type"] == "picture");
        Assert.Contains(lines, line => line.Contains("\"done\"", StringComparison.Ordinal));
        return ((string)picture["picture"]!["id"]!, (string?)picture["data"]);
    }
}
