using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>What HTTP itself expects of a server: HEAD, Allow, encodings of bodies, compression, readable JSON.</summary>
public sealed class HttpRulesTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Generations = "/v1/images/generations";

    [Theory]
    [InlineData("/")]
    [InlineData("/studio/main.js")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/none")]
    [InlineData("/v1/responses/none")]
    [InlineData("/pictures/none")]
    [InlineData("/studio/api/settings")]
    [InlineData("/studio/api/pictures/none")]
    [InlineData("/nowhere")]
    public async Task HeadIsAnsweredAsGetIsWithoutABody(string path)
    {
        using HttpResponseMessage get = await tiny.Server.Http.GetAsync(path);
        using HttpResponseMessage head = await tiny.Server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        if (get.IsSuccessStatusCode && path.StartsWith("/v1", StringComparison.Ordinal))
        {
            Assert.Equal((await get.Content.ReadAsByteArrayAsync()).Length, head.Content.Headers.ContentLength);
        }
    }

    [Fact]
    public async Task HeadOfAGeneratedImageNamesItsLength()
    {
        (_, JsonNode body) = await tiny.Server.AskAsync(
            Generations, new JsonObject { ["prompt"] = "a red star", ["steps"] = 1, ["response_format"] = "url" });
        string url = (string)body["data"]![0]!["url"]!;
        byte[] file = await tiny.Server.Http.GetByteArrayAsync(url);
        using HttpResponseMessage head = await tiny.Server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        Assert.Equal(
            (HttpStatusCode.OK, "image/png", file.Length),
            (head.StatusCode, head.Content.Headers.ContentType!.MediaType, head.Content.Headers.ContentLength));
    }

    [Theory]
    [InlineData("PUT", "/v1/models", "GET, HEAD")]
    [InlineData("GET", Generations, "POST")]
    [InlineData("HEAD", Generations, "POST")]
    [InlineData("OPTIONS", Generations, "POST")]
    [InlineData("POST", "/v1/responses/none", "DELETE, GET, HEAD")]
    [InlineData("DELETE", "/", "GET, HEAD")]
    public async Task WhatAnAddressTakesIsSaidWithTheRefusal(string method, string path, string allowed)
    {
        using HttpResponseMessage refused =
            await tiny.Server.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Equal(allowed, string.Join(", ", refused.Content.Headers.Allow.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("application/json", "gzip", "gzip")]
    [InlineData("application/json", "identity, br", "br")]
    [InlineData("application/json; charset=utf-16", null, "utf-16")]
    [InlineData("application/json; charset=\"iso-8859-1\"", null, "iso-8859-1")]
    [InlineData("text/xml", null, "Content-Type")]
    public async Task ABodyInAFormThatIsNotReadIsRefusedAsSuch(string type, string? coding, string named)
    {
        foreach (string path in (string[])["/v1/chat/completions", Generations, "/v1/responses", "/studio/api/search"])
        {
            using HttpRequestMessage request = Post(path, type, "{}"u8.ToArray(), coding);
            await AssertUnsupportedAsync(request, named);
        }

        if (type != "text/xml")
        {
            using HttpRequestMessage tool = Post("/mcp", type, "{}"u8.ToArray(), coding);
            tool.Headers.Accept.ParseAdd("application/json, text/event-stream");
            await AssertUnsupportedAsync(tool, named);
        }
    }

    [Theory]
    [InlineData("/v1/images/edits", "multipart/form-data; boundary=x", "deflate")]
    [InlineData("/studio/api/pictures", "image/png", "gzip")]
    public async Task FormsAndFilesAreNotReadCompressedEither(string path, string type, string coding)
    {
        using HttpRequestMessage request = Post(path, type, [1, 2, 3], coding);
        await AssertUnsupportedAsync(request, coding);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    public async Task TheUsualFormsAreRead(string type)
    {
        using HttpRequestMessage request = Post("/studio/api/search", type, "{}"u8.ToArray(), "identity");
        Assert.Equal(HttpStatusCode.OK, (await tiny.Server.Http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("/", "br", "br")]
    [InlineData("/studio/studio.css", "gzip", "gzip")]
    [InlineData("/openapi/v1.json", "gzip, br", "br")]
    [InlineData("/openapi/v1.json", null, null)]
    [InlineData("/v1/models", "gzip", null)]
    public async Task TextsAreCompressedIfTheClientReadsThatAndTheyAreLong(string path, string? accepted, string? expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accepted is not null)
        {
            request.Headers.AcceptEncoding.ParseAdd(accepted);
        }

        using HttpResponseMessage response = await tiny.Server.Http.SendAsync(request);
        Assert.Equal(expected, response.Content.Headers.ContentEncoding.SingleOrDefault());
        if (expected is not null)
        {
            Assert.Contains("Accept-Encoding", response.Headers.Vary);
            await using Stream body = await response.Content.ReadAsStreamAsync();
            await using Stream text = expected == "br"
                ? new BrotliStream(body, CompressionMode.Decompress)
                : new GZipStream(body, CompressionMode.Decompress);
            Assert.Equal(await tiny.Server.Http.GetStringAsync(path), await new StreamReader(text).ReadToEndAsync());
        }
    }

    [Fact]
    public async Task ImagesAndEventsAreNotCompressed()
    {
        foreach (bool stream in (bool[])[true, false])
        {
            var body = new JsonObject
            {
                ["prompt"] = "a red star",
                ["steps"] = 1,
                ["stream"] = stream,
                ["response_format"] = stream ? "b64_json" : "url",
            };
            using HttpRequestMessage request = Post(Generations, "application/json", Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Headers.AcceptEncoding.ParseAdd("gzip, br");
            using HttpResponseMessage response = await tiny.Server.Http.SendAsync(request);
            Assert.Empty(response.Content.Headers.ContentEncoding);
            string text = await response.Content.ReadAsStringAsync();
            if (stream)
            {
                Assert.StartsWith("event: ", text, StringComparison.Ordinal);
                continue;
            }

            using var image = new HttpRequestMessage(HttpMethod.Get, (string)JsonNode.Parse(text)!["data"]![0]!["url"]!);
            image.Headers.AcceptEncoding.ParseAdd("gzip, br");
            Assert.Empty((await tiny.Server.Http.SendAsync(image)).Content.Headers.ContentEncoding);
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"picture":{"action":"画'<&>"}}""")]
    [InlineData("/v1/responses", """{"input":"x","instructions":"红色'<&>","max_output_tokens":2,"picture":{"steps":1}}""")]
    [InlineData(
        "/v1/responses",
        """{"input":"x","stream":true,"instructions":"红色'<&>","max_output_tokens":2,"picture":{"steps":1}}""")]
    public async Task JsonHasNoNeedlessEscapes(string path, string body)
    {
        using HttpRequestMessage request = Post(path, "application/json", Encoding.UTF8.GetBytes(body));
        using HttpResponseMessage response = await tiny.Server.Http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("\\u", text);
        if (path == "/v1/responses")
        {
            Assert.Contains("红色'<&>", text);
        }

        if (response.Content.Headers.ContentType!.MediaType == "application/json")
        {
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }

    private static HttpRequestMessage Post(string path, string type, byte[] body, string? coding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (coding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        }

        return new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
    }

    private async Task AssertUnsupportedAsync(HttpRequestMessage request, string named)
    {
        using HttpResponseMessage refused = await tiny.Server.Http.SendAsync(request);
        string text = await refused.Content.ReadAsStringAsync();
        Assert.True(refused.StatusCode == HttpStatusCode.UnsupportedMediaType, $"{refused.StatusCode}: {text}");
        Assert.Contains(named, (string?)JsonNode.Parse(text)!["error"]!["message"]);
    }
}
