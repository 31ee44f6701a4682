using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server.Clients;

/// <summary>
/// Open WebUI and LibreChat do not run in these tests. Their requests do, as their sources build them: Open WebUI's routers
/// <c>openai</c> and <c>images</c>, LibreChat's tools for OpenAI's images and its custom endpoints.
/// </summary>
public sealed class FrontEndTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Model = "nexus-gen-tiny";
    private const string Prompt = "a red star";
    private const string Draw = "Draw a picture: a red star";
    private const string Recolour = "make the star blue";
    private const string RedStar = "112x112 png: red star on white";
    private const string BlueStar = "112x112 png: blue star on white";

    [Fact]
    public async Task OpenWebUIFindsTheModelWithItsHeaders()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "any");
        request.Headers.Add("X-OpenWebUI-User-Name", "Jane");
        request.Headers.Add("X-OpenWebUI-User-Role", "admin");
        using HttpResponseMessage response = await tiny.Server.Http.SendAsync(request);
        JsonNode models = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(Model, (string?)models["data"]![0]!["id"]);
    }

    // The images router: with and without a size, and with the parameter of Azure's addresses.
    [Theory]
    [InlineData("/v1/images/generations", null, "112x112")]
    [InlineData("/v1/images/generations", "224x224", "224x224")]
    [InlineData("/v1/images/generations?api-version=2025-04-01-preview", "auto", "112x112")]
    public async Task OpenWebUIGenerates(string path, string? size, string result)
    {
        var body = new JsonObject { ["model"] = Model, ["prompt"] = Prompt, ["n"] = 1, ["response_format"] = "b64_json" };
        if (size is not null)
        {
            body["size"] = size;
        }

        JsonNode image = await ImageAsync(path, JsonContent.Create(body));
        Assert.Equal($"{result} png: red star on white", Look.At(Bytes(image)));
    }

    // One image is sent as a field of its name, several as a list.
    [Theory]
    [InlineData("image")]
    [InlineData("image[]")]
    public async Task OpenWebUIEdits(string name)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(Model), "model" },
            { new StringContent(Recolour), "prompt" },
            { new StringContent("1"), "n" },
            { new StringContent("b64_json"), "response_format" },
            { Star(await DrawnAsync()), name, "star.png" },
        };
        Assert.Equal(BlueStar, Look.At(Bytes(await ImageAsync("/v1/images/edits", form))));
    }

    // The chat keeps the reply as it came, and sends it back in the next turn.
    [Fact]
    public async Task OpenWebUIChats()
    {
        var messages = new JsonArray(Message("user", Draw));
        string drawn = await ChatAsync(messages);
        Assert.Equal(RedStar, Look.At(PictureIn(drawn)));
        messages.Add(Message("assistant", drawn));
        messages.Add(Message("user", Recolour));
        Assert.Equal(BlueStar, Look.At(PictureIn(await ChatAsync(messages))));

        string address = "data:image/png;base64," + Convert.ToBase64String(PictureIn(drawn));
        var attached = new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(
                new JsonObject { ["type"] = "text", ["text"] = "what is in this picture?" },
                new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = address } }),
        };
        Assert.Matches("^a (big|small) red star", await ChatAsync(new JsonArray(attached)));

        async Task<string> ChatAsync(JsonArray history)
        {
            using HttpResponseMessage response = await tiny.Server.PostAsync("/v1/chat/completions", new JsonObject
            {
                ["stream"] = true,
                ["model"] = Model,
                ["messages"] = history.DeepClone(),
                ["stream_options"] = new JsonObject { ["include_usage"] = true },
            });
            return Text(await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task LibreChatGenerates()
    {
        JsonNode image = await ImageAsync("/v1/images/generations", JsonContent.Create(new JsonObject
        {
            ["model"] = Model,
            ["prompt"] = Prompt,
            ["n"] = 1,
            ["background"] = "auto",
            ["output_format"] = "webp",
            ["output_compression"] = 100,
            ["quality"] = "auto",
            ["size"] = "auto",
        }));
        Assert.Equal("112x112 webp: red star on white", Look.At(Bytes(image)));
    }

    [Fact]
    public async Task LibreChatEdits()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(Model), "model" },
            { new StringContent(Recolour), "prompt" },
            { new StringContent("auto"), "quality" },
            { new StringContent("auto"), "size" },
            { Star(await DrawnAsync()), "image[]", "star.png" },
        };
        Assert.Equal(BlueStar, Look.At(Bytes(await ImageAsync("/v1/images/edits", form))));
    }

    // A custom endpoint sends all sampling settings, and the user.
    [Fact]
    public async Task LibreChatChats()
    {
        using HttpResponseMessage response = await tiny.Server.PostAsync("/v1/chat/completions", new JsonObject
        {
            ["model"] = Model,
            ["user"] = "665f0d1c2b",
            ["temperature"] = 1,
            ["top_p"] = 1,
            ["presence_penalty"] = 0,
            ["frequency_penalty"] = 0,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
            ["messages"] = new JsonArray(Message("system", "You are a helpful assistant."), Message("user", Draw)),
        });
        Assert.Equal(RedStar, Look.At(PictureIn(Text(await response.Content.ReadAsStringAsync()))));
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string Text(string events) => string.Concat(events.Split('\n')
        .Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
        .Select(line => (string?)JsonNode.Parse(line[6..])!["choices"]!.AsArray().FirstOrDefault()?["delta"]?["content"]));

    private static byte[] PictureIn(string markdown)
    {
        int start = markdown.IndexOf("base64,", StringComparison.Ordinal) + 7;
        return Convert.FromBase64String(markdown[start..markdown.IndexOf(')', start)]);
    }

    private static byte[] Bytes(JsonNode image) => Convert.FromBase64String((string)image["b64_json"]!);

    private static ByteArrayContent Star(byte[] png) =>
        new(png) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

    private async Task<byte[]> DrawnAsync() =>
        Bytes(await ImageAsync("/v1/images/generations", JsonContent.Create(new JsonObject { ["prompt"] = Prompt })));

    private async Task<JsonNode> ImageAsync(string path, HttpContent content)
    {
        using HttpResponseMessage response = await tiny.Server.Http.PostAsync(path, content);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!["data"]![0]!;
    }
}
