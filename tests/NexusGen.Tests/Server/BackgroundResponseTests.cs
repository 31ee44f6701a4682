using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>Responses that are computed in the background, as OpenAI's API describes them.</summary>
public sealed class BackgroundResponseTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Path = "/v1/responses";
    private const int ManySteps = 60;

    private BackgroundClient Client => new(tiny.Server.Http);

    [Fact]
    public async Task AResponseIsComputedWithoutAClientThatWaits()
    {
        JsonNode direct = await Client.PostAsync(Path, Request());
        Assert.False((bool)direct["background"]!);
        JsonNode queued;
        await using (await EngineBrake.StartAsync(tiny.Model))
        {
            queued = await Client.PostAsync(Path, InBackground(Request()));
            Assert.Equal(("queued", true), ((string?)queued["status"], (bool)queued["background"]!));
            Assert.Empty(queued["output"]!.AsArray());
        }

        JsonNode ended = await Client.EndAsync($"{Path}/{queued["id"]}");
        Assert.Equal("completed", (string?)ended["status"]);
        Assert.Null(ended["progress"]);
        Assert.Equal(Drawn(direct), Drawn(ended));
        Assert.Equal(direct["usage"]!.ToJsonString(), ended["usage"]!.ToJsonString());
    }

    [Fact]
    public async Task ItsStateAndProgressAreTold()
    {
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.1));
        string address = $"{Path}/{(await Client.PostAsync(Path, InBackground(Request(ManySteps))))["id"]}";
        JsonNode body = await Client.PollAsync(address, body => body["progress"] is not null);
        Assert.Equal(("in_progress", ManySteps), ((string?)body["status"], (int)body["progress"]!["steps"]!));
        Assert.InRange((int)body["progress"]!["step"]!, 1, ManySteps);
        JsonNode image = Assert.Single(body["output"]!.AsArray(), IsImage)!;
        Assert.Equal("in_progress", (string?)image["status"]);
        brake.Release();
        Assert.Equal("completed", (string?)(await Client.EndAsync(address))["status"]);
    }

    [Fact]
    public async Task OneCanContinueItAndReferToItsItems()
    {
        JsonNode direct = await Client.PostAsync(Path, Request());
        JsonNode first = await Client.PostAsync(Path, InBackground(Request()));
        first = await Client.EndAsync($"{Path}/{first["id"]}");
        JsonObject Next(JsonNode before) => new()
        {
            ["input"] = "make the background white",
            ["previous_response_id"] = (string)before["id"]!,
            ["picture"] = new JsonObject { ["steps"] = 2, ["seed"] = 7 },
        };
        JsonNode expected = await Client.PostAsync(Path, Next(direct));
        JsonNode second = await Client.PostAsync(Path, InBackground(Next(first)));
        second = await Client.EndAsync($"{Path}/{second["id"]}");
        Assert.Equal(Drawn(expected), Drawn(second));
        Assert.Equal(expected["usage"]!.ToJsonString(), second["usage"]!.ToJsonString());

        JsonObject referring = Next(first);
        referring.Remove("previous_response_id");
        referring["input"] = new JsonArray(
        [
            User((string)Request()["input"]!),
            .. first["output"]!.AsArray().Select(item => new JsonObject
            {
                ["type"] = "item_reference",
                ["id"] = (string)item!["id"]!,
            }),
            User("make the background white"),
        ]);
        Assert.Equal(Drawn(expected), Drawn(await Client.PostAsync(Path, referring)));
    }

    [Fact]
    public async Task AnUnfinishedResponseCantBeContinued()
    {
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model);
        JsonNode queued = await Client.PostAsync(Path, InBackground(Request()));
        JsonObject next = Request();
        next["previous_response_id"] = (string)queued["id"]!;
        (HttpStatusCode status, JsonNode body) = await Client.SendAsync(HttpMethod.Post, Path, next);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("not finished yet", (string)body["error"]!["message"]!);
        brake.Release();
        await Client.EndAsync($"{Path}/{queued["id"]}");
    }

    [Fact]
    public async Task AClientThatLeavesGoesOnWithTheEventsThatItMissed()
    {
        JsonObject request = InBackground(Request(ManySteps));
        request["stream"] = true;
        request["tools"] = new JsonArray(new JsonObject { ["type"] = "image_generation", ["partial_images"] = 3 });
        List<(string? Id, JsonNode Data)> seen = await Client.EventsAsync(
            BackgroundClient.Post(Path, request), data => Type(data) == "response.image_generation_call.partial_image");
        Assert.Equal(
            ["response.created", "response.queued", "response.in_progress"], seen.Take(3).Select(item => Type(item.Data)));
        string id = (string)seen[0].Data["response"]!["id"]!;
        int last = (int)seen[^1].Data["sequence_number"]!;

        List<(string? Id, JsonNode Data)> rest =
            await Client.EventsAsync(BackgroundClient.Get($"{Path}/{id}?stream=true&starting_after={last}"));
        List<(string? Id, JsonNode Data)> all = [.. seen, .. rest];
        Assert.Equal(Enumerable.Range(0, all.Count), all.Select(item => (int)item.Data["sequence_number"]!));
        Assert.Equal(all.Select(item => $"{item.Data["sequence_number"]}"), all.Select(item => item.Id));
        Assert.Equal("response.completed", Type(all[^1].Data));
        Assert.Equal(3, all.Count(item => Type(item.Data) == "response.image_generation_call.partial_image"));
        Assert.Equal(
            Drawn(await Client.SendAsync(HttpMethod.Get, $"{Path}/{id}") is var (_, body) ? body : null),
            Drawn(all[^1].Data["response"]));

        // Read again, as a browser does it.
        using HttpRequestMessage again = BackgroundClient.Get($"{Path}/{id}?stream=true");
        again.Headers.Add("Last-Event-ID", $"{last}");
        List<(string? Id, JsonNode Data)> kept = await Client.EventsAsync(again);
        Assert.Equal(rest.Select(item => item.Data.ToJsonString()), kept.Select(item => item.Data.ToJsonString()));
        Assert.Empty(await Client.EventsAsync(BackgroundClient.Get($"{Path}/{id}?stream=true&starting_after={all.Count - 1}")));
    }

    [Fact]
    public async Task ItCanBeCancelledAndIsThenEnded()
    {
        var queue = tiny.Server.Services.GetRequiredService<WorkQueue>();
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.1));
        string address = $"{Path}/{(await Client.PostAsync(Path, InBackground(Request(ManySteps))))["id"]}";
        await Client.PollAsync(address, body => body["progress"] is not null);
        Task<List<(string? Id, JsonNode Data)>> listening =
            Client.EventsAsync(BackgroundClient.Get($"{address}?stream=true&starting_after=1"));
        JsonNode cancelled = await Client.PostAsync($"{address}/cancel");
        Assert.Equal("cancelled", (string?)cancelled["status"]);
        Assert.Equal("failed", (string?)cancelled["output"]!.AsArray().Single(IsImage)!["status"]);
        Assert.Equal("response.cancelled", Type((await listening)[^1].Data));
        Assert.Equal(0, queue.Running);
        Assert.Equal("cancelled", (string?)(await Client.PostAsync($"{address}/cancel"))["status"]);
        Assert.Equal("cancelled", (string?)(await Client.EndAsync(address))["status"]);
    }

    [Fact]
    public async Task ItIsDeletedWhetherItHasEndedOrNot()
    {
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.1));
        string running = $"{Path}/{(await Client.PostAsync(Path, InBackground(Request(ManySteps))))["id"]}";
        await Client.PollAsync(running, body => body["progress"] is not null);
        string ended = $"{Path}/{(await Client.PostAsync(Path, InBackground(Request())))["id"]}";
        await Client.EndAsync(ended);
        foreach (string address in (string[])[running, ended])
        {
            Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync(HttpMethod.Delete, address)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync(HttpMethod.Get, address)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync(HttpMethod.Get, address + "?stream=true")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync(HttpMethod.Post, address + "/cancel")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync(HttpMethod.Delete, address)).Status);
        }

        Assert.Equal(0, tiny.Server.Services.GetRequiredService<WorkQueue>().Running);
    }

    [Fact]
    public async Task WhatFailsIsToldInTheResponse()
    {
        JsonObject request = InBackground(new JsonObject { ["input"] = string.Concat(Enumerable.Repeat("star ", 9000)) });
        JsonNode failed = await Client.EndAsync($"{Path}/{(await Client.PostAsync(Path, request))["id"]}");
        Assert.Equal(("failed", "context_length_exceeded"), ((string?)failed["status"], (string?)failed["error"]!["code"]));
        request["truncation"] = "sometimes";
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.SendAsync(HttpMethod.Post, Path, request)).Status);
    }

    [Fact]
    public async Task OtherResponsesAreNotOfTheBackground()
    {
        JsonObject request = Request();
        string address = $"{Path}/{(await Client.PostAsync(Path, request))["id"]}";
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.SendAsync(HttpMethod.Get, address + "?stream=true")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.SendAsync(HttpMethod.Post, address + "/cancel")).Status);
        request["store"] = false;
        (HttpStatusCode status, JsonNode body) = await Client.SendAsync(HttpMethod.Post, Path, InBackground(request));
        Assert.Equal((HttpStatusCode.BadRequest, "store"), (status, (string?)body["error"]!["param"]));
    }

    [Fact]
    public async Task OnlyItsOwnerFindsIt()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.ApiKeys.Add("key-one-1");
            options.ApiKeys.Add("key-two-2");
        });
        BackgroundClient Of(string key)
        {
            var http = new HttpClient { BaseAddress = server.Address };
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
            return new BackgroundClient(http);
        }

        string address = $"{Path}/{(await Of("key-one-1").PostAsync(Path, InBackground(Request())))["id"]}";
        for (int i = 0; i < 2; i++)
        {
            foreach ((HttpMethod method, string more) in ((HttpMethod, string)[])
                [(HttpMethod.Get, ""), (HttpMethod.Get, "?stream=true"), (HttpMethod.Post, "/cancel"), (HttpMethod.Delete, "")])
            {
                Assert.Equal(HttpStatusCode.NotFound, (await Of("key-two-2").SendAsync(method, address + more)).Status);
            }

            Assert.Equal("completed", (string?)(await Of("key-one-1").EndAsync(address))["status"]);
        }
    }

    private static JsonObject Request(int steps = 2) => new()
    {
        ["input"] = "Draw a picture: a red star",
        ["picture"] = new JsonObject { ["steps"] = steps, ["seed"] = 5 },
    };

    private static JsonObject InBackground(JsonObject request)
    {
        request["background"] = true;
        return request;
    }

    private static JsonObject User(string text) => new() { ["role"] = "user", ["content"] = text };

    private static string? Type(JsonNode data) => (string?)data["type"];

    private static bool IsImage(JsonNode? item) => (string?)item!["type"] == "image_generation_call";

    private static string? Drawn(JsonNode? response) =>
        (string?)response!["output"]!.AsArray().SingleOrDefault(IsImage)?["result"];
}
