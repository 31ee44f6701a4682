using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>
/// The Responses API as clients use it that refer to kept items, choose tools and let long conversations be cut.
/// </summary>
public sealed class ResponseItemTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Path = "/v1/responses";
    private const string Draw = "Draw a picture: a red star";

    [Fact]
    public async Task EveryItemIsFoundByItsId()
    {
        JsonNode first = await AskAsync(new JsonObject { ["input"] = Draw, ["picture"] = Picture() });
        Assert.Equal(
            ["message", "image_generation_call"], first["output"]!.AsArray().Select(item => (string)item!["type"]!).Distinct());
        JsonObject Next(params IEnumerable<JsonNode> before) => new()
        {
            ["input"] = new JsonArray([.. before, User("make the background white")]),
            ["picture"] = Picture(),
        };
        JsonNode[] references =
            [.. first["output"]!.AsArray().Select(item => Reference((string)item!["id"]!)).Prepend(User(Draw))];

        JsonNode byId = await AskAsync(Next(references.Select(item => item.DeepClone())));
        JsonNode twice = await AskAsync(Next(references.Concat(references.Skip(1)).Select(item => item.DeepClone())));
        JsonObject continued = Next();
        continued["previous_response_id"] = (string)first["id"]!;
        JsonNode byResponse = await AskAsync(continued);

        Assert.Equal(byResponse["usage"]!["input_tokens"]!.ToString(), byId["usage"]!["input_tokens"]!.ToString());
        Assert.Equal(Drawn(byResponse), Drawn(byId));
        Assert.Equal(Drawn(byResponse), Drawn(twice));
        Assert.NotEqual(Drawn(first), Drawn(byId));
    }

    [Fact]
    public async Task AReferenceNeedsNoType()
    {
        JsonNode first = await AskAsync(new JsonObject { ["input"] = Draw, ["picture"] = Picture() });
        JsonNode reference = new JsonObject { ["id"] = (string)first["output"]![0]!["id"]! };
        await AskAsync(new JsonObject { ["input"] = new JsonArray(reference, User("Hello")), ["max_output_tokens"] = 1 });
    }

    [Fact]
    public async Task ItemsThatAreNotKeptAreRefusedByTheirId()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.ApiKeys.Add("key-one-1");
            options.ApiKeys.Add("key-two-2");
        });
        async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(string key, HttpMethod method, string path, JsonNode? body)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", $"key-{key}");
            using HttpResponseMessage response = await server.Http.SendAsync(request);
            return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
        }

        async Task<(HttpStatusCode, string?)> ReferAsync(string key, string id)
        {
            (HttpStatusCode status, JsonNode body) = await SendAsync(key, HttpMethod.Post, Path, new JsonObject
            {
                ["input"] = new JsonArray(User("x"), Reference(id), User("y")),
                ["max_output_tokens"] = 1,
            });
            Assert.Equal(status == HttpStatusCode.NotFound ? "input[1].id" : null, (string?)body["error"]?["param"]);
            return (status, (string?)body["error"]?["message"]);
        }

        var asking = new JsonObject { ["input"] = "Hello", ["max_output_tokens"] = 2 };
        (_, JsonNode kept) = await SendAsync("one-1", HttpMethod.Post, Path, asking);
        asking["store"] = false;
        (_, JsonNode forgotten) = await SendAsync("one-1", HttpMethod.Post, Path, asking.DeepClone());
        string id = (string)kept["output"]![0]!["id"]!, other = (string)forgotten["output"]![0]!["id"]!;

        Assert.Equal(HttpStatusCode.OK, (await ReferAsync("one-1", id)).Item1);
        Assert.Contains($"Item with id '{id}' not found", (await ReferAsync("two-2", id)).Item2);
        Assert.Contains($"Item with id '{other}' not found", (await ReferAsync("one-1", other)).Item2);
        await SendAsync("one-1", HttpMethod.Delete, $"{Path}/{kept["id"]}", null);
        Assert.Equal(HttpStatusCode.NotFound, (await ReferAsync("one-1", id)).Item1);

        // A response is no item, and an item is no response.
        asking["store"] = true;
        (_, kept) = await SendAsync("one-1", HttpMethod.Post, Path, asking.DeepClone());
        Assert.Equal(HttpStatusCode.NotFound, (await ReferAsync("one-1", (string)kept["id"]!)).Item1);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await SendAsync("one-1", HttpMethod.Get, $"{Path}/{kept["output"]![0]!["id"]}", null)).Status);
    }

    [Theory]
    [InlineData("What is a circle?", """{"type":"image_generation"}""", null, true)]
    [InlineData("What is a circle?", "\"required\"", """[{"type":"function","name":"f"},{"type":"image_generation"}]""", true)]
    [InlineData(
        "What is a circle?",
        """{"type":"allowed_tools","mode":"required","tools":[{"type":"image_generation"}]}""", null, true)]
    [InlineData(Draw, "\"none\"", """[{"type":"image_generation"}]""", false)]
    [InlineData(Draw, """{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}""", null, false)]
    [InlineData(Draw, """{"type":"allowed_tools","mode":"auto","tools":[{"type":"image_generation"}]}""", null, true)]
    [InlineData(Draw, "\"auto\"", null, true)]
    [InlineData(Draw, "null", null, true)]
    public async Task TheChoiceOfToolsDecidesWhetherAnImageIsGenerated(string input, string choice, string? tools, bool isDrawn)
    {
        JsonNode response = await AskAsync(new JsonObject
        {
            ["input"] = input,
            ["tool_choice"] = JsonNode.Parse(choice),
            ["tools"] = tools is null ? null : JsonNode.Parse(tools),
            ["text"] = new JsonObject { ["format"] = new JsonObject { ["type"] = "text" } },
            ["picture"] = Picture(),
        });
        Assert.Equal(isDrawn, Drawn(response) is not null);
        Assert.Equal(
            choice == "null" ? "\"auto\"" : JsonNode.Parse(choice)!.ToJsonString(), response["tool_choice"]!.ToJsonString());
    }

    [Fact]
    public async Task ARequiredImageIsAnEditOrANewOneAsTheModelChooses()
    {
        JsonNode first = await AskAsync(new JsonObject { ["input"] = Draw, ["picture"] = Picture() });
        JsonNode second = await AskAsync(new JsonObject
        {
            ["input"] = "make the background white",
            ["previous_response_id"] = (string)first["id"]!,
            ["tool_choice"] = new JsonObject { ["type"] = "image_generation" },
            ["picture"] = Picture(),
        });
        Assert.Equal("edit", (string?)second["output"]!.AsArray().Single(IsImage)!["action"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ALongConversationIsRefusedOrCut(bool stream)
    {
        JsonObject Asking(string field, string text) => new()
        {
            [field] = new JsonArray(
            [
                .. Enumerable.Range(0, 40).SelectMany(i => (JsonNode[])
                [
                    User(string.Concat(Enumerable.Repeat($"Is number {i} odd? ", 40))),
                    new JsonObject { ["role"] = "assistant", ["content"] = "No." },
                ]),
                User(text),
            ]),
            ["stream"] = stream,
            ["max_output_tokens"] = 3,
        };

        JsonObject Prompt() => new()
        {
            ["prompt"] = string.Concat(Enumerable.Repeat("a red star ", 4000)),
            ["stream"] = stream,
        };

        await RefusedAsync(Path, "input");
        await RefusedAsync("/v1/chat/completions", "messages");
        await RefusedAsync("/v1/images/generations", "prompt");

        JsonObject cut = Asking("input", "Hello");
        (cut["stream"], cut["truncation"]) = (false, "auto");
        JsonNode response = await AskAsync(cut);
        Assert.InRange((int)response["usage"]!["input_tokens"]!, 1000, 4096);
        Assert.Equal("auto", (string?)response["truncation"]);

        async Task RefusedAsync(string path, string field)
        {
            JsonObject asking = field == "prompt" ? Prompt() : Asking(field, "Hello");
            (HttpStatusCode status, JsonNode body) = await tiny.Server.AskAsync(path, asking);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Equal(
                (field, "context_length_exceeded"), ((string?)body["error"]!["param"], (string?)body["error"]!["code"]));
        }
    }

    private static JsonObject Picture() => new() { ["seed"] = 5, ["steps"] = 1 };

    private static JsonObject User(string text) => new() { ["role"] = "user", ["content"] = text };

    private static JsonObject Reference(string id) => new() { ["type"] = "item_reference", ["id"] = id };

    private static bool IsImage(JsonNode? item) => (string?)item!["type"] == "image_generation_call";

    private static string? Drawn(JsonNode response) => (string?)response["output"]!.AsArray().SingleOrDefault(IsImage)?["result"];

    private async Task<JsonNode> AskAsync(JsonObject body)
    {
        (HttpStatusCode status, JsonNode response) = await tiny.Server.AskAsync(Path, body);
        Assert.True(status == HttpStatusCode.OK, response.ToJsonString());
        return response;
    }
}
