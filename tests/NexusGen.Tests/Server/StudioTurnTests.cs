using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>The turns of a conversation of the studio, whose replies are computed in the background.</summary>
public sealed class StudioTurnTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const int ManySteps = 100;

    private readonly StudioClient _client = new(tiny.Server.Http);

    [Fact]
    public async Task TheActionAndItsPicturesDecideWhatATurnIs()
    {
        string id = await _client.CreateAsync();
        List<List<JsonNode>> replies = [];
        async Task<JsonNode?> AskAsync(string text, string action, params string[] pictures)
        {
            JsonObject turn = StudioClient.Turn(text, action, 2, pictures);
            turn["picture"]!["seed"] = 5;
            replies.Add(await _client.AskAsync(turn, id));
            Assert.Equal("done", StudioClient.Type(replies[^1][^1]));
            return replies[^1].SingleOrDefault(piece => StudioClient.Type(piece) == "picture")?["picture"];
        }

        static (string?, string?) Made(JsonNode? picture) => ((string?)picture!["kind"], (string?)picture["source"]);
        JsonNode star = (await AskAsync("a red star", "auto"))!;
        string source = (string)star["id"]!;
        Assert.Equal(("drawn", null), Made(star));
        Assert.Equal(("edited", source), Made(await AskAsync("make the background white", "edit", source)));
        Assert.Equal(("edited", source), Made(await AskAsync("make the background white", "auto", source)));
        Assert.Null(await AskAsync("what is in this picture?", "ask", source));
        Assert.NotEmpty(StudioClient.Text(replies[^1]));

        // An image is drawn anew, whatever was before; only a picture that the turn names is changed.
        JsonNode circle = (await AskAsync("a blue circle", "draw"))!;
        Assert.Equal(("drawn", null), Made(circle));
        JsonObject alone = StudioClient.Turn("a blue circle", "draw", 2);
        alone["picture"]!["seed"] = 5;
        Assert.Equal(
            await PixelsAsync((string)StudioClient.Picture(await _client.AskAsync(alone))["id"]!),
            await PixelsAsync((string)circle["id"]!));
        Assert.Equal(("drawn", null), Made(await AskAsync("a green square", "auto")));

        JsonNode[] turns = await _client.TurnsAsync(id);
        Assert.All(turns, turn => Assert.Equal("completed", (string?)turn["status"]));
        foreach ((JsonNode turn, List<JsonNode> reply) in turns.Zip(replies, (turn, reply) => (turn, reply)))
        {
            Assert.Equal(StudioClient.Text(reply), (string?)turn["reply"]);
            Assert.Equal(
                reply.Where(piece => StudioClient.Type(piece) == "picture").Select(piece => (string)piece["picture"]!["id"]!),
                StudioClient.Strings(turn["drawn"]));
        }
    }

    [Fact]
    public async Task AReplyIsComputedAgainAndVaried()
    {
        string id = await _client.CreateAsync();
        JsonObject request = StudioClient.Turn("a red star", "draw", 2);
        (request["count"], request["picture"]!["seed"]) = (2, 5);
        JsonNode turn = await _client.AddAsync(id, request);
        await _client.EventsAsync(turn);
        async Task<(string[] Drawn, string[] Variations, string Reply)> NowAsync()
        {
            JsonNode now = Assert.Single(await _client.TurnsAsync(id));
            Assert.Equal(("completed", 2), ((string?)now["status"], (int?)now["count"]));
            return (StudioClient.Strings(now["drawn"]), StudioClient.Strings(now["variations"]), (string)now["reply"]!);
        }

        (string[] drawn, string[] variations, string reply) = await NowAsync();
        Assert.Equal((2, 0), (drawn.Length, variations.Length));
        List<JsonNode> again = await _client.EventsAsync(await _client.AgainAsync(turn));
        Assert.Equal(reply, StudioClient.Text(again));
        (string[] redrawn, _, reply) = await NowAsync();
        Assert.Empty(redrawn.Intersect(drawn));
        Assert.Equal(StudioClient.Text(again), reply);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(await PixelsAsync(drawn[i]), await PixelsAsync(redrawn[i]));
        }

        for (int i = 1; i <= 2; i++)
        {
            List<JsonNode> varied = await _client.EventsAsync(await _client.AgainAsync(turn, variation: true));
            Assert.Empty(StudioClient.Text(varied));
            JsonNode picture = StudioClient.Picture(varied);
            (string[] same, variations, string text) = await NowAsync();
            Assert.Equal(redrawn, same);
            Assert.Equal((i, (string?)picture["id"], reply), (variations.Length, variations[^1], text));
            Assert.NotEqual(await PixelsAsync(drawn[0]), await PixelsAsync(variations[^1]));
        }

        await _client.EventsAsync(await _client.AgainAsync(turn));
        Assert.Empty((await NowAsync()).Variations);

        JsonNode words = await _client.AddAsync(id, StudioClient.Turn("What is a star?", "ask"));
        await _client.EventsAsync(words);
        (HttpStatusCode status, JsonNode? refused) = await _client.SendAsync(
            HttpMethod.Post, StudioClient.AddressOf(words) + "/again", new JsonObject { ["variation"] = true });
        Assert.Equal((HttpStatusCode.BadRequest, "variation"), (status, (string?)refused!["error"]!["param"]));
    }

    [Fact]
    public async Task CancellingKeepsWhatCame()
    {
        string id = await _client.CreateAsync();
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.1));
        JsonNode turn = await _client.AddAsync(id, StudioClient.Turn("a red star", steps: ManySteps));
        List<JsonNode> seen = await _client.EventsAsync(turn, piece => StudioClient.Type(piece) == "step");
        Task<List<JsonNode>> following = _client.EventsAsync(turn);
        JsonNode cancelled = await _client.CancelAsync(turn);
        Assert.Equal(("cancelled", StudioClient.Text(seen)), ((string?)cancelled["status"], (string?)cancelled["reply"]));
        Assert.NotEmpty((string)cancelled["reply"]!);
        Assert.Equal("cancelled", StudioClient.Type((await following)[^1]));
        Assert.Equal(0, tiny.Server.Services.GetRequiredService<WorkQueue>().Running);
        brake.Release();

        Assert.Equal(cancelled.ToJsonString(), Assert.Single(await _client.TurnsAsync(id)).ToJsonString());
        Assert.Equal(cancelled.ToJsonString(), (await _client.CancelAsync(turn)).ToJsonString());
        JsonNode next = await _client.AddAsync(id, StudioClient.Turn("What is a star?", "ask"));
        await _client.EventsAsync(next);
        Assert.Equal("completed", (string?)(await _client.CancelAsync(next))["status"]);
        await _client.EventsAsync(await _client.AgainAsync(turn));
        Assert.All(await _client.TurnsAsync(id), now => Assert.Equal("completed", (string?)now["status"]));
    }

    [Fact]
    public async Task AnEndedTurnCanBeCancelledThoughItsWorkIsNoLongerKept()
    {
        static void Configure(NexusGenServerOptions options) => options.BackgroundLifetime = TimeSpan.FromSeconds(1);
        await using TestServer server = await TestServer.StartAsync(tiny.Model, Configure);
        var client = new StudioClient(server.Http);
        string id = await client.CreateAsync();
        JsonNode turn = await client.AddAsync(id, StudioClient.Turn("What is a star?", "ask"));
        await client.EventsAsync(turn);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync(HttpMethod.Get, StudioClient.EventsOf(turn))).Status);
        Assert.Equal("completed", (string?)(await client.CancelAsync(turn))["status"]);
        Assert.Equal("completed", (string?)Assert.Single(await client.TurnsAsync(id))["status"]);
    }

    [Fact]
    public async Task RepliesComeOneAfterAnotherEachAboutWhatCameBefore()
    {
        string id = await _client.CreateAsync();
        EngineBrake brake = await EngineBrake.StartAsync(tiny.Model);
        JsonNode[] turns;
        await using (brake)
        {
            turns =
            [
                await _client.AddAsync(id, StudioClient.Turn("a red star", "draw", 2)),
                await _client.AddAsync(id, AboutTheLast("make the background white", "edit")),
                await _client.AddAsync(id, AboutTheLast("what is in this picture?", "ask")),
                await _client.AddAsync(id, StudioClient.Turn("a blue circle", "draw", 2)),
            ];
            await _client.EventsAsync(turns[0], piece => StudioClient.Type(piece) == "begun");
            Assert.Equal(
                ["in_progress", "queued", "queued", "queued"],
                (await _client.TurnsAsync(id)).Select(turn => (string)turn["status"]!));
        }

        string[][] drawn = [.. await Task.WhenAll(turns.Select(async turn =>
            (await _client.EventsAsync(turn)).Where(piece => StudioClient.Type(piece) == "picture")
                .Select(piece => (string)piece["picture"]!["id"]!).ToArray()))];
        Assert.Equal([1, 1, 0, 1], drawn.Select(pictures => pictures.Length));
        JsonNode[] now = await _client.TurnsAsync(id);
        Assert.All(now, turn => Assert.Equal(("completed", false), ((string?)turn["status"], (bool)turn["uses_last"]!)));
        Assert.Equal(
            [[], drawn[0], drawn[1], []], now.Select(turn => StudioClient.Strings(turn["pictures"])));
        Assert.Equal(drawn[1], StudioClient.Strings((await _client.EventsAsync(turns[2]))[1]["pictures"]));
        Assert.NotEmpty((string)now[2]["reply"]!);
    }

    [Fact]
    public async Task WhatIsToBeEditedMustBeThereWhenItsTurnComes()
    {
        string id = await _client.CreateAsync();
        JsonNode words = await _client.AddAsync(id, StudioClient.Turn("What is a star?", "ask"));
        await _client.EventsAsync(words);
        JsonNode edit = await _client.AddAsync(id, AboutTheLast("make the background white", "edit"));
        JsonNode failed = (await _client.EventsAsync(edit))[^1];
        Assert.Equal(("failed", "nothing_to_edit"), (StudioClient.Type(failed), (string?)failed["code"]));
        JsonObject both = AboutTheLast("make it white", "edit");
        both["pictures"] = new JsonArray(await _client.BringCatAsync());
        (HttpStatusCode status, JsonNode? refused) = await _client.SendAsync(HttpMethod.Post, StudioClient.TurnsOf(id), both);
        Assert.Equal((HttpStatusCode.BadRequest, "uses_last"), (status, (string?)refused!["error"]!["param"]));
    }

    [Fact]
    public async Task AConversationHasAFewUnfinishedRepliesAndTellsWhereTheyWait()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options => options.MaxRunning = 1);
        var client = new StudioClient(server.Http);
        string id = await client.CreateAsync(), other = await client.CreateAsync();
        JsonNode first = await client.AddAsync(id, StudioClient.Turn("What is a star?", "ask"));
        await client.EventsAsync(first);
        JsonObject turn = StudioClient.Turn("a red star", steps: ManySteps);
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.1));
        async Task<int?> AheadAsync(JsonNode of) =>
            (int?)(await client.SendAsync(HttpMethod.Get, StudioClient.AddressOf(of) + "/place")).Body!["ahead"];
        (HttpStatusCode Status, JsonNode? Body)[] answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => client.SendAsync(HttpMethod.Post, StudioClient.TurnsOf(id), turn.DeepClone())));
        JsonNode[] accepted =
            [.. answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer.Body!)];
        Assert.Equal(8, accepted.Length);
        Assert.All(
            answers.Where(answer => answer.Status != HttpStatusCode.OK),
            answer => Assert.Equal(
                (HttpStatusCode.Conflict, "reply_unfinished"), (answer.Status, (string?)answer.Body!["error"]!["code"])));
        Assert.Equal(9, (await client.TurnsAsync(id)).Length);
        foreach (JsonNode unfinished in (JsonNode[])[first, .. accepted])
        {
            (HttpStatusCode status, _) = await client.SendAsync(
                HttpMethod.Post, StudioClient.AddressOf(unfinished) + "/again", new JsonObject());
            Assert.Equal(HttpStatusCode.Conflict, status);
        }

        // Other conversations have their own, which wait in the same queue.
        JsonNode running = (await client.TurnsAsync(id))[1];
        await client.EventsAsync(running, piece => StudioClient.Type(piece) == "begun");
        JsonNode waiting = await client.AddAsync(other, turn.DeepClone());
        Assert.Equal(0, await AheadAsync(waiting));
        Assert.Null(await AheadAsync(running));
        Assert.Null(await AheadAsync(first));

        // What is taken back with the turns after it never begins.
        (HttpStatusCode removed, _) = await client.SendAsync(HttpMethod.Delete, StudioClient.AddressOf(running));
        Assert.Equal(HttpStatusCode.NoContent, removed);
        Assert.Equal(first["id"]!.ToString(), Assert.Single(await client.TurnsAsync(id))["id"]!.ToString());
        await client.EventsAsync(waiting, piece => StudioClient.Type(piece) == "begun");
        await client.CancelAsync(waiting);
        await client.CancelAsync(await client.AddAsync(id, turn.DeepClone()));
    }

    [Fact]
    public async Task AClientThatLeavesGoesOnWithTheEventsThatItMissed()
    {
        string id = await _client.CreateAsync();
        JsonNode turn = await _client.AddAsync(id, StudioClient.Turn("a red star", steps: 30));
        List<(string? Id, JsonNode Data)> seen =
            await _client.NumberedEventsAsync(turn, enough: piece => StudioClient.Type(piece) == "step");
        List<(string? Id, JsonNode Data)> rest = await _client.NumberedEventsAsync(turn, seen[^1].Id);
        Assert.Equal(
            Enumerable.Range(0, seen.Count + rest.Count).Select(i => $"{i}"), seen.Concat(rest).Select(item => item.Id));
        Assert.Equal(["picture", "done"], rest.TakeLast(2).Select(item => StudioClient.Type(item.Data)));

        // Read again after the end.
        List<(string? Id, JsonNode Data)> kept = await _client.NumberedEventsAsync(turn, seen[^1].Id);
        Assert.Equal(rest.Select(item => item.Data.ToJsonString()), kept.Select(item => item.Data.ToJsonString()));
        Assert.Equal(
            StudioClient.Text(seen.Concat(rest).Select(item => item.Data)),
            (string?)Assert.Single(await _client.TurnsAsync(id))["reply"]);
    }

    [Fact]
    public async Task TheTimeOfAReplyIsThatOfItsWork()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options => options.MaxRunning = 1);
        var client = new StudioClient(server.Http);
        var watch = Stopwatch.StartNew();
        JsonNode turn;
        using (await server.Services.GetRequiredService<WorkQueue>().EnterAsync("another"))
        {
            turn = await client.AddAsync(await client.CreateAsync(), StudioClient.Turn("a red star", "draw", 1));
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        List<JsonNode> events = await client.EventsAsync(turn);
        double most = (watch.Elapsed - TimeSpan.FromSeconds(1.9)).TotalSeconds;
        Assert.InRange((double)events[^1]["seconds"]!, 0, most);
        Assert.InRange((double)StudioClient.Picture(events)["seconds"]!, 0, most);
    }

    private static JsonObject AboutTheLast(string text, string action)
    {
        JsonObject turn = StudioClient.Turn(text, action, 2);
        turn["uses_last"] = true;
        return turn;
    }

    private async Task<byte[]> PixelsAsync(string picture) =>
        ImageFile.Read(await _client.FileAsync(picture)).Pixels.ToArray();
}
