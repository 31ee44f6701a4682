using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>The conversations of the studio over HTTP: created, found, renamed, deleted, and for whom and how many.</summary>
public sealed class StudioConversationTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private readonly StudioClient _client = new(tiny.Server.Http);

    [Fact]
    public async Task AConversationIsNamedAndFoundByItsTitleAndTexts()
    {
        string comet = await _client.CreateAsync(), named = await _client.CreateAsync("  My\n rings ");
        await _client.AskAsync(StudioClient.Turn("What is a comet?", "ask"), comet);
        await _client.AskAsync(StudioClient.Turn("What is a comet of 100%?", "ask"), named);
        Assert.Equal("What is a comet?", (string?)(await _client.GetAsync(comet))["title"]);
        Assert.Equal("My rings", (string?)(await _client.GetAsync(named))["title"]);
        Assert.Equal(["My rings", "What is a comet?"], (await _client.SearchAsync("COMET what")).Order());
        Assert.Equal(["My rings"], await _client.SearchAsync("100% ring"));
        Assert.Empty(await _client.SearchAsync("comet_"));
        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync(named, new JsonObject { ["title"] = "Everything" }));
        Assert.Equal(["Everything"], await _client.SearchAsync("everything"));
        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync(named, new JsonObject { ["title"] = new string('a', 500) }));
        Assert.Equal(80, ((string)(await _client.GetAsync(named))["title"]!).Length);
        Assert.Equal(
            HttpStatusCode.BadRequest, await ChangeAsync(named, new JsonObject { ["title"] = new string('a', 200_000) }));
    }

    [Fact]
    public async Task ADeletedConversationCanBeRestored()
    {
        string id = await _client.CreateAsync("A quasar"), address = StudioClient.AddressOf(id);
        await _client.AskAsync(StudioClient.Turn("What is a quasar?", "ask"), id);
        (HttpStatusCode status, JsonNode? refused) =
            await _client.SendAsync(HttpMethod.Patch, address, new JsonObject { ["deleted"] = true });
        Assert.Equal((HttpStatusCode.BadRequest, "deleted"), (status, (string?)refused!["error"]!["param"]));
        Assert.Single(await _client.SearchAsync("quasar"));

        Assert.Equal(HttpStatusCode.NoContent, (await _client.SendAsync(HttpMethod.Delete, address)).Status);
        Assert.Empty(await _client.SearchAsync("quasar"));
        Assert.Equal(HttpStatusCode.NotFound, await ChangeAsync(id, new JsonObject { ["title"] = "Another" }));
        Assert.Equal(HttpStatusCode.NotFound, (await _client.SendAsync(HttpMethod.Get, address)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.SendAsync(HttpMethod.Delete, address)).Status);
        Assert.Equal(HttpStatusCode.NotFound, await AddAsync(id, StudioClient.Turn("And a star?", "ask")));

        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync(id, new JsonObject { ["deleted"] = false }));
        Assert.Equal(["A quasar"], await _client.SearchAsync("quasar"));
        JsonNode turn = Assert.Single(await _client.TurnsAsync(id));
        Assert.Equal(("completed", "What is a quasar?"), ((string?)turn["status"], (string?)turn["text"]));
        Assert.Equal("done", StudioClient.Type((await _client.AskAsync(StudioClient.Turn("And a star?", "ask"), id))[^1]));
    }

    [Fact]
    public async Task DeletingStopsAReply()
    {
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.1));
        string id = await _client.CreateAsync();
        JsonNode turn = await _client.AddAsync(id, StudioClient.Turn("a red star", steps: 100));
        await _client.EventsAsync(turn, piece => StudioClient.Type(piece) == "step");
        Assert.Equal(
            HttpStatusCode.NoContent, (await _client.SendAsync(HttpMethod.Delete, StudioClient.AddressOf(id))).Status);
        Assert.Equal(0, tiny.Server.Services.GetRequiredService<WorkQueue>().Running);
        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync(id, new JsonObject { ["deleted"] = false }));
        Assert.Equal("cancelled", (string?)Assert.Single(await _client.TurnsAsync(id))["status"]);
    }

    [Fact]
    public async Task ATurnIsRemovedWithThoseAfterIt()
    {
        string id = await _client.CreateAsync();
        await _client.AskAsync(StudioClient.Turn("What is a star?", "ask"), id);
        JsonNode second = await _client.AddAsync(id, StudioClient.Turn("a red star", "draw", 1));
        string picture = (string)StudioClient.Picture(await _client.EventsAsync(second))["id"]!;
        await using (EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.1)))
        {
            JsonNode third = await _client.AddAsync(id, StudioClient.Turn("a blue star", "draw", 100));
            await _client.EventsAsync(third, piece => StudioClient.Type(piece) == "step");
            string address = StudioClient.AddressOf(second);
            Assert.Equal(HttpStatusCode.NoContent, (await _client.SendAsync(HttpMethod.Delete, address)).Status);
            Assert.Equal(0, tiny.Server.Services.GetRequiredService<WorkQueue>().Running);
            foreach (string gone in (string[])[address, StudioClient.AddressOf(third)])
            {
                Assert.Equal(HttpStatusCode.NotFound, (await _client.SendAsync(HttpMethod.Delete, gone)).Status);
                Assert.Equal(HttpStatusCode.NotFound, (await _client.SendAsync(HttpMethod.Get, gone + "/events")).Status);
                Assert.Equal(HttpStatusCode.NotFound, (await _client.SendAsync(HttpMethod.Post, gone + "/cancel")).Status);
                Assert.Equal(
                    HttpStatusCode.NotFound,
                    (await _client.SendAsync(HttpMethod.Post, gone + "/again", new JsonObject())).Status);
            }
        }

        Assert.Equal(["What is a star?"], (await _client.TurnsAsync(id)).Select(turn => (string?)turn["text"]));
        Assert.NotEmpty(await _client.FileAsync(picture));
        Assert.Equal("done", StudioClient.Type((await _client.AskAsync(StudioClient.Turn("a star", "draw", 1), id))[^1]));
    }

    [Fact]
    public async Task ConversationsOfDifferentKeysAreApart()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.ApiKeys.Add("key-one-1");
            options.ApiKeys.Add("key-two-2");
        });
        StudioClient Of(string key)
        {
            var http = new HttpClient { BaseAddress = server.Address };
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
            return new StudioClient(http);
        }

        StudioClient one = Of("key-one-1"), two = Of("key-two-2");
        string id = await one.CreateAsync("Mine"), picture = await one.BringCatAsync(), other = await two.CreateAsync("Yours");
        JsonNode turn = await one.AddAsync(id, StudioClient.Turn("a red star", "draw", 1));
        await one.EventsAsync(turn);
        Assert.Equal(["Mine"], await one.SearchAsync());
        Assert.Equal(["Yours"], await two.SearchAsync());
        string conversation = StudioClient.AddressOf(id), address = StudioClient.AddressOf(turn);
        (HttpMethod, string, JsonNode?)[] requests =
        [
            (HttpMethod.Get, conversation, null),
            (HttpMethod.Patch, conversation, new JsonObject { ["title"] = "Yours" }),
            (HttpMethod.Delete, conversation, null),
            (HttpMethod.Post, StudioClient.TurnsOf(id), StudioClient.Turn("a blue star")),
            (HttpMethod.Post, StudioClient.TurnsOf(other), StudioClient.Turn("make it blue", "edit", pictures: picture)),
            (HttpMethod.Get, address + "/events", null),
            (HttpMethod.Post, address + "/again", new JsonObject()),
            (HttpMethod.Post, address + "/cancel", null),
            (HttpMethod.Delete, address, null),
        ];
        foreach ((HttpMethod method, string path, JsonNode? body) in requests)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await two.SendAsync(method, path, body)).Status);
        }

        Assert.Equal("completed", (string?)Assert.Single(await one.TurnsAsync(id))["status"]);
        Assert.Equal("Mine", (string?)(await one.GetAsync(id))["title"]);
    }

    [Fact]
    public async Task WhatIsTooMuchIsRefused()
    {
        var store = tiny.Server.Services.GetRequiredService<ConversationStore>();
        string id = await _client.CreateAsync();
        for (int i = 0; i < ConversationStore.MaxTurns; i++)
        {
            store.Add("", id, new StudioTurn { Id = $"{Guid.NewGuid():N}", Text = "a star", Status = "completed", Reply = "x" });
        }

        (HttpStatusCode status, JsonNode? body) =
            await _client.SendAsync(HttpMethod.Post, StudioClient.TurnsOf(id), StudioClient.Turn("one too many", "ask"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("begin a new one", (string?)body!["error"]!["message"]);

        string another = await _client.CreateAsync();
        Assert.Equal(HttpStatusCode.NotFound, await AddAsync(another, StudioClient.Turn("make it blue", "edit", 1, "missing")));
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options => options.MaxCount = 2);
        var bounded = new StudioClient(server.Http);
        string last = await bounded.CreateAsync();
        JsonObject turn = StudioClient.Turn("a red star", "draw", 1);
        turn["count"] = 3;
        (status, body) = await bounded.SendAsync(HttpMethod.Post, StudioClient.TurnsOf(last), turn);
        Assert.Equal((HttpStatusCode.BadRequest, "count"), (status, (string?)body!["error"]!["param"]));
        turn["count"] = 2;
        Assert.Equal(2, (await bounded.AskAsync(turn, last)).Count(piece => StudioClient.Type(piece) == "picture"));
    }

    private async Task<HttpStatusCode> ChangeAsync(string id, JsonNode change) =>
        (await _client.SendAsync(HttpMethod.Patch, StudioClient.AddressOf(id), change)).Status;

    private async Task<HttpStatusCode> AddAsync(string id, JsonNode turn) =>
        (await _client.SendAsync(HttpMethod.Post, StudioClient.TurnsOf(id), turn)).Status;
}
