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
        var studio = new StudioClient(server.Http);
        string conversation = await studio.CreateAsync();
        async Task<(string Id, string? Data)> DrawAsync(Action? meanwhile = null)
        {
            JsonNode turn;
            await using (await EngineBrake.StartAsync(tiny.Model))
            {
                turn = await studio.AddAsync(conversation, StudioClient.Turn("a red star", "draw", 1));
                meanwhile?.Invoke();
            }

            List<JsonNode> events = await studio.EventsAsync(turn);
            Assert.Equal("done", StudioClient.Type(events[^1]));
            JsonNode picture = events.Single(piece => StudioClient.Type(piece) == "picture");
            return ((string)picture["picture"]!["id"]!, (string?)picture["data"]);
        }

        (string first, string? data) = await DrawAsync();
        Assert.Null(data);
        for (int i = 0; i < 2; i++)
        {
            File.Delete(disk["filler"]);
            (string id, data) = await DrawAsync(disk.Fill);
            byte[] file = Convert.FromBase64String(data!["data:image/png;base64,".Length..]);
            Assert.Equal(tiny.Model.Configuration.Defaults.Generate.Width, ImageFile.Read(file).Width);
            Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync($"/studio/api/pictures/{id}")).StatusCode);
            Assert.Equal("completed", (string?)(await studio.TurnsAsync(conversation))[^1]["status"]);
        }

        foreach (string path in (string[])[StudioClient.Conversations, StudioClient.TurnsOf(conversation)])
        {
            (HttpStatusCode status, JsonNode? body) =
                await studio.SendAsync(HttpMethod.Post, path, new JsonObject { ["text"] = "a red star", ["title"] = "Stars" });
            Assert.Equal(
                (HttpStatusCode.InsufficientStorage, "gallery_not_writable"), (status, (string?)body!["error"]!["code"]));
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
        (_, data) = await DrawAsync();
        Assert.Null(data);
        Assert.All(await studio.TurnsAsync(conversation), turn => Assert.Equal("completed", (string?)turn["status"]));
    }

    private static string Add(Gallery gallery)
    {
        byte[] file = new byte[Large];
        Random.Shared.NextBytes(file);
        var picture = new GalleryPicture { Id = Guid.NewGuid().ToString("N"), Kind = "drawn", Prompt = "a red star" };
        return gallery.Add("me", picture, new EncodedImage(file, "image/png"), [1]).Id;
    }
}
