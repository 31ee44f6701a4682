using System.Net;
using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;

namespace NexusGen.Tests.Server;

/// <summary>What a restart of the server means for the turns of the studio.</summary>
public sealed class StudioServerTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task AStoppedServersTurnIsDoneByTheNextOne()
    {
        using var folder = new TemporaryFolder();
        void Configure(NexusGenServerOptions options) =>
            (options.Gallery, options.Background) = (folder["gallery.db"], folder["background.db"]);
        var undisturbed = new StudioClient(tiny.Server.Http);
        JsonNode expected = StudioClient.Picture(await undisturbed.AskAsync(Star()));
        string id = "";
        JsonNode turn = await StopAsync(Configure, async client =>
        {
            id = await client.CreateAsync();
            return await client.AddAsync(id, Star());
        });

        await using TestServer second = await TestServer.StartAsync(tiny.Model, Configure);
        var client = new StudioClient(second.Http);
        List<JsonNode> events = await client.EventsAsync(turn);
        Assert.Equal("done", StudioClient.Type(events[^1]));
        JsonNode now = Assert.Single(await client.TurnsAsync(id));
        Assert.Equal(("completed", StudioClient.Text(events)), ((string?)now["status"], (string?)now["reply"]));
        string picture = Assert.Single(StudioClient.Strings(now["drawn"]));
        Assert.Equal(
            ImageFile.Read(await undisturbed.FileAsync((string)expected["id"]!)),
            ImageFile.Read(await client.FileAsync(picture)));
        Assert.Equal("", string.Join("\n", second.Log.Warnings));
    }

    [Fact]
    public async Task SoAreTurnsThatWaitForIt()
    {
        using var folder = new TemporaryFolder();
        void Configure(NexusGenServerOptions options) =>
            (options.Gallery, options.Background) = (folder["gallery.db"], folder["background.db"]);
        string id = "";
        JsonNode edit = null!;
        await StopAsync(Configure, async client =>
        {
            id = await client.CreateAsync();
            JsonNode star = await client.AddAsync(id, Star());
            JsonObject change = StudioClient.Turn("make the background white", "edit", 4);
            change["uses_last"] = true;
            edit = await client.AddAsync(id, change);
            return star;
        });

        await using TestServer second = await TestServer.StartAsync(tiny.Model, Configure);
        var client = new StudioClient(second.Http);
        Assert.Equal("done", StudioClient.Type((await client.EventsAsync(edit))[^1]));
        JsonNode[] turns = await client.TurnsAsync(id);
        Assert.All(turns, turn => Assert.Equal("completed", (string?)turn["status"]));
        Assert.Equal(StudioClient.Strings(turns[0]["drawn"]), StudioClient.Strings(turns[1]["pictures"]));
    }

    [Fact]
    public async Task SoIsAVariationWhichStaysOne()
    {
        using var folder = new TemporaryFolder();
        void Configure(NexusGenServerOptions options) =>
            (options.Gallery, options.Background) = (folder["gallery.db"], folder["background.db"]);
        string id;
        JsonNode turn;
        await using (TestServer server = await TestServer.StartAsync(tiny.Model, Configure))
        {
            var first = new StudioClient(server.Http);
            id = await first.CreateAsync();
            JsonObject stars = Star();
            stars["count"] = 2;
            turn = await first.AddAsync(id, stars);
            await first.EventsAsync(turn);
            await server.StopAsync();
        }

        await StopAsync(Configure, client => client.AgainAsync(turn, variation: true));
        await using TestServer last = await TestServer.StartAsync(tiny.Model, Configure);
        var client = new StudioClient(last.Http);
        Assert.Equal("done", StudioClient.Type((await client.EventsAsync(turn))[^1]));
        JsonNode now = Assert.Single(await client.TurnsAsync(id));
        Assert.Equal("completed", (string?)now["status"]);
        Assert.Equal(2, StudioClient.Strings(now["drawn"]).Length);
        string variation = Assert.Single(StudioClient.Strings(now["variations"]));
        Assert.NotEmpty(await client.FileAsync(variation));
    }

    [Fact]
    public async Task ATurnIsInterruptedIfTheServerKeepsNoWork()
    {
        using var folder = new TemporaryFolder();
        void Configure(NexusGenServerOptions options) => options.Gallery = folder["gallery.db"];
        string id = "";
        JsonNode turn = await StopAsync(Configure, async client =>
        {
            id = await client.CreateAsync();
            return await client.AddAsync(id, Star());
        });

        await using TestServer second = await TestServer.StartAsync(tiny.Model, Configure);
        var client = new StudioClient(second.Http);
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync(HttpMethod.Get, StudioClient.EventsOf(turn))).Status);
        for (int i = 0; i < 2; i++)
        {
            JsonNode now = Assert.Single(await client.TurnsAsync(id));
            Assert.Equal(("failed", "interrupted"), ((string?)now["status"], (string?)now["code"]));
            Assert.Contains("The server was stopped", (string?)now["problem"]);
            Assert.Equal("failed", (string?)(await client.CancelAsync(turn))["status"]);
        }

        await client.EventsAsync(await client.AgainAsync(turn));
        JsonNode repaired = Assert.Single(await client.TurnsAsync(id));
        Assert.Equal("completed", (string?)repaired["status"]);
        Assert.Null(repaired["problem"]);
        Assert.Null(repaired["code"]);
        Assert.Equal("done", StudioClient.Type((await client.AskAsync(StudioClient.Turn("And now?", "ask"), id))[^1]));
    }

    private static JsonObject Star()
    {
        JsonObject turn = StudioClient.Turn("a red star", steps: 4);
        turn["picture"]!["seed"] = 5;
        return turn;
    }

    // Stops a server while it works on a turn, whose followers are told.
    private async Task<JsonNode> StopAsync(Action<NexusGenServerOptions> configure, Func<StudioClient, Task<JsonNode>> begin)
    {
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model);
        await using TestServer server = await TestServer.StartAsync(tiny.Model, configure);
        var client = new StudioClient(server.Http);
        JsonNode turn = await begin(client);
        var begun = new TaskCompletionSource();
        Task<List<JsonNode>> following = client.EventsAsync(turn, piece =>
        {
            if (StudioClient.Type(piece) == "begun")
            {
                begun.TrySetResult();
            }

            return false;
        });
        await Task.WhenAny(begun.Task, following);
        Task stopped = server.StopAsync();
        brake.Release();
        await stopped;
        Assert.Equal("server_stopping", (string?)(await following)[^1]["error"]!["code"]);
        return turn;
    }
}
