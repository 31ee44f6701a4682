using System.Net;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>Images of the Images API that are generated in the background.</summary>
public sealed class BackgroundImageTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Path = "/v1/images/generations";

    private BackgroundClient Client => new(tiny.Server.Http);

    [Fact]
    public async Task ImagesAreGeneratedWithoutAClientThatWaits()
    {
        JsonNode direct = await Client.PostAsync(Path, Request());
        Assert.Null(direct["id"]);
        JsonNode queued;
        await using (await EngineBrake.StartAsync(tiny.Model))
        {
            queued = await Client.PostAsync(Path, Async(Request()));
            Assert.Equal("queued", (string?)queued["status"]);
            Assert.Empty(queued["data"]!.AsArray());
        }

        JsonNode ended = await Client.EndAsync(Address(queued));
        Assert.Equal("completed", (string?)ended["status"]);
        foreach (string field in (string[])["data", "output_format", "size", "usage"])
        {
            Assert.Equal(direct[field]!.ToJsonString(), ended[field]!.ToJsonString());
        }

        Assert.Equal(2, ended["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task AnEditTakesAForm()
    {
        JsonNode source = (await Client.PostAsync(Path, Request()))["data"]![0]!["b64_json"]!;
        async Task<JsonNode> EditAsync(bool inBackground)
        {
            using var form = new MultipartFormDataContent
            {
                { new ByteArrayContent(Convert.FromBase64String((string)source!)), "image", "source.png" },
                { new StringContent("make the background white"), "prompt" },
                { new StringContent("5"), "seed" },
                { new StringContent("2"), "steps" },
                { new StringContent(inBackground ? "true" : "false"), "async" },
            };
            using HttpResponseMessage response = await tiny.Server.Http.PostAsync("/v1/images/edits", form);
            return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        }

        JsonNode ended = await Client.EndAsync(Address(await EditAsync(true)));
        Assert.Equal((await EditAsync(false))["data"]!.ToJsonString(), ended["data"]!.ToJsonString());
        JsonNode last = (await Client.EventsAsync(BackgroundClient.Get(Address(ended) + "?stream=true")))[^1].Data;
        Assert.Equal("image_edit.completed", (string?)last["type"]);
    }

    [Fact]
    public async Task AnAddressIsMadeWheneverTheImagesAreAskedFor()
    {
        JsonObject request = Async(Request());
        request["response_format"] = "url";
        string address = Address(await Client.PostAsync(Path, request));
        JsonNode ended = await Client.EndAsync(address), again = await Client.EndAsync(address);
        Assert.Equal(ended["data"]!.ToJsonString(), again["data"]!.ToJsonString());
        JsonNode direct = await Client.PostAsync(Path, Request());
        foreach ((JsonNode? shown, JsonNode? expected) in ended["data"]!.AsArray().Zip(direct["data"]!.AsArray()))
        {
            Assert.Null(shown!["b64_json"]);
            Assert.Equal(
                Convert.FromBase64String((string)expected!["b64_json"]!),
                await tiny.Server.Http.GetByteArrayAsync((string)shown["url"]!));
        }
    }

    [Fact]
    public async Task AClientThatLeavesGoesOnWithTheEventsThatItMissed()
    {
        JsonObject request = Async(Request());
        (request["stream"], request["partial_images"], request["steps"]) = (true, 2, 30);
        List<(string? Id, JsonNode Data)> seen = await Client.EventsAsync(
            BackgroundClient.Post(Path, request), data => (string?)data["type"] == "image_generation.partial_image");
        string address = $"/v1/images/{seen[0].Data["id"]}";
        List<(string? Id, JsonNode Data)> rest = await Client.EventsAsync(
            BackgroundClient.Get($"{address}?stream=true&starting_after={seen[^1].Id}"));
        Assert.Equal(
            [
                "queued", "in_progress", "partial_image", "partial_image", "completed", "completed",
            ],
            seen.Concat(rest).Select(item => ((string)item.Data["type"]!)["image_generation.".Length..]));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"{i}"), seen.Concat(rest).Select(item => item.Id));
    }

    [Fact]
    public async Task TheyAreCancelledAndDeleted()
    {
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.1));
        JsonObject request = Async(Request());
        request["steps"] = 60;
        string address = Address(await Client.PostAsync(Path, request));
        JsonNode running = await Client.PollAsync(address, body => body["progress"] is not null);
        Assert.Equal(("in_progress", 60), ((string?)running["status"], (int)running["progress"]!["steps"]!));
        Assert.Equal("cancelled", (string?)(await Client.PostAsync(address + "/cancel"))["status"]);
        Assert.Equal("cancelled", (string?)(await Client.EndAsync(address))["status"]);
        Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync(HttpMethod.Delete, address)).Status);
        foreach ((HttpMethod method, string more) in ((HttpMethod, string)[])
            [(HttpMethod.Get, ""), (HttpMethod.Get, "?stream=true"), (HttpMethod.Post, "/cancel"), (HttpMethod.Delete, "")])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync(method, address + more)).Status);
        }
    }

    [Fact]
    public async Task AResponseIsNoImageAndTheReverse()
    {
        JsonNode image = await Client.PostAsync(Path, Async(Request()));
        JsonNode response = await Client.PostAsync(
            "/v1/responses", new JsonObject { ["input"] = "Hello", ["background"] = true, ["max_output_tokens"] = 1 });
        await Client.EndAsync(Address(image));
        await Client.EndAsync($"/v1/responses/{response["id"]}");
        Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync(HttpMethod.Get, Address(response))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync(HttpMethod.Get, $"/v1/responses/{image["id"]}")).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await tiny.Server.Http.GetAsync(Path)).StatusCode);
    }

    // A word of OpenAI's API, for what is behind the thing in the image.
    [Fact]
    public async Task TheBackgroundOfAnImageIsNoBackgroundWork()
    {
        JsonObject request = Request();
        request["background"] = "opaque";
        Assert.NotEmpty((await Client.PostAsync(Path, request))["data"]!.AsArray());
    }

    private static JsonObject Request() => new() { ["prompt"] = "a red star", ["steps"] = 2, ["seed"] = 5, ["n"] = 2 };

    private static JsonObject Async(JsonObject request)
    {
        request["async"] = true;
        return request;
    }

    private static string Address(JsonNode response) => $"/v1/images/{response["id"]}";
}
