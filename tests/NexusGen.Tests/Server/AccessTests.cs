using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using NexusGen.Server.Configuration;

namespace NexusGen.Tests.Server;

/// <summary>Who may ask: keys, names of the server, and web pages.</summary>
public sealed class AccessTests : IDisposable
{
    private const string Friend = "https://friend.example";

    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("Bearer the-first-key", HttpStatusCode.OK)]
    [InlineData("bearer the-second-key", HttpStatusCode.OK)]
    [InlineData("Bearer the-first-ke", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer the-first-keyy", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer ", HttpStatusCode.Unauthorized)]
    [InlineData("Basic the-first-key", HttpStatusCode.Unauthorized)]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    public async Task OnlyARightKeyOpens(string? header, HttpStatusCode expected)
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.ApiKeys.Add("the-first-key");
            options.ApiKeys.Add("the-second-key");
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", header);
        }

        using HttpResponseMessage response = await server.Http.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Unauthorized)
        {
            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal("invalid_api_key", (string?)body!["error"]!["code"]);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        }

        // What says only whether the server lives needs none, all else does.
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Http.GetAsync("/v1/responses/resp_1")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Http.GetAsync("/nowhere")).StatusCode);
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    [InlineData("studio.example", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    public async Task WithoutKeysItAnswersOnlyUnderItsOwnNames(string name, HttpStatusCode expected)
    {
        await using TestServer server = await StartAsync(options => options.Hosts.Add("studio.example"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = name } };
        Assert.Equal(expected, (await server.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task WithKeysItAnswersUnderAnyName()
    {
        await using TestServer server = await StartAsync(options => options.ApiKeys.Add("a-long-key"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models")
        {
            Headers = { Host = "anything.example", Authorization = new AuthenticationHeaderValue("Bearer", "a-long-key") },
        };
        Assert.Equal(HttpStatusCode.OK, (await server.Http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("https://friend.example", HttpStatusCode.OK)]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    public async Task PagesOfOtherAddressesMustBeAllowed(string origin, HttpStatusCode expected)
    {
        await using TestServer server = await StartAsync(options => options.Origins.Add("https://friend.example"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Origin", origin);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, response.Headers.Contains("Access-Control-Allow-Origin"));

        // What a browser asks before it sends JSON from another page.
        using var before = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        before.Headers.Add("Origin", origin);
        before.Headers.Add("Access-Control-Request-Method", "POST");
        Assert.Equal(expected == HttpStatusCode.OK ? HttpStatusCode.NoContent : HttpStatusCode.Forbidden, (await server.Http.SendAsync(before)).StatusCode);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "authorization,content-type,x-stainless-arch,x-stainless-retry-count")]
    [InlineData("/studio/api/pictures", "content-type,x-picture-name")]
    [InlineData("/mcp", "mcp-protocol-version,mcp-session-id")]
    [InlineData("/v1/models", null)]
    public async Task AnAllowedPageMaySendWhatItAsksFor(string path, string? headers)
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.ApiKeys.Add("a-right-key");
            options.Origins.Add(Friend);
        });
        using var before = new HttpRequestMessage(HttpMethod.Options, path);
        before.Headers.Add("Origin", Friend);
        before.Headers.Add("Access-Control-Request-Method", path == "/v1/models" ? "GET" : "POST");
        if (headers is not null)
        {
            before.Headers.Add("Access-Control-Request-Headers", headers);
        }

        using HttpResponseMessage response = await server.Http.SendAsync(before);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(Friend, Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal(headers, Header(response, "Access-Control-Allow-Headers"));
        Assert.Contains("Origin", response.Headers.Vary);
    }

    [Theory]
    [InlineData("/v1/models", HttpStatusCode.Unauthorized)]
    [InlineData("/v1/models/another", HttpStatusCode.NotFound, "a-right-key")]
    [InlineData("/nowhere", HttpStatusCode.NotFound, "a-right-key")]
    [InlineData("/v1/images/generations", HttpStatusCode.MethodNotAllowed, "a-right-key")]
    [InlineData("/v1/models", HttpStatusCode.OK, "a-right-key")]
    public async Task AnAllowedPageMayReadErrorsAndWhenToAskAgain(string path, HttpStatusCode expected, string? key = null)
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.ApiKeys.Add("a-right-key");
            options.Origins.Add(Friend);
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Origin", Friend);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(Friend, Header(response, "Access-Control-Allow-Origin"));
        Assert.Contains("Origin", response.Headers.Vary);
        string exposed = Header(response, "Access-Control-Expose-Headers")!;
        Assert.All((string[])["Retry-After", "X-Request-Id", "Mcp-Session-Id"], name => Assert.Contains(name, exposed));
        Assert.False(string.IsNullOrEmpty(Header(response, "X-Request-Id")));
    }

    [Fact]
    public async Task TheOwnPageMay()
    {
        await using TestServer server = await StartAsync(_ => { });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Origin", server.Address.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.OK, (await server.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task AResponseIsFoundOnlyByWhoeverAskedForIt()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.ApiKeys.Add("my-own-key");
            options.ApiKeys.Add("your-own-key");
        });
        async Task<HttpResponseMessage> Send(HttpMethod method, string path, string key, string? body = null)
        {
            using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
            request.Content = body is null ? null : new StringContent(body, null, "application/json");
            return await server.Http.SendAsync(request);
        }

        using HttpResponseMessage made = await Send(HttpMethod.Post, "/v1/responses", "my-own-key", """{"input":"Hello","max_output_tokens":3,"picture":{"steps":1,"size":"32x32"}}""");
        string id = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!;
        Assert.Equal(HttpStatusCode.NotFound, (await Send(HttpMethod.Get, $"/v1/responses/{id}", "your-own-key")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Send(HttpMethod.Delete, $"/v1/responses/{id}", "your-own-key")).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound, (await Send(HttpMethod.Post, "/v1/responses", "your-own-key", $$"""{"input":"Hello","previous_response_id":"{{id}}"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Send(HttpMethod.Get, $"/v1/responses/{id}", "my-own-key")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Send(HttpMethod.Delete, $"/v1/responses/{id}", "my-own-key")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Send(HttpMethod.Get, $"/v1/responses/{id}", "my-own-key")).StatusCode);
    }

    [Fact]
    public async Task WrongOptionsAreToldAtTheStartWithoutTheirSecrets()
    {
        var e = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(options =>
        {
            options.ApiKeys.Add("secret");
            options.MaxRunning = 0;
            options.MaxRequestPixels = 0;
            options.QueueLength = 1001;
            options.Origins.Add("https://example.com/path");
            options.PictureHosts.Add("http://example.com");
            options.Proxies.Add("10.0.0.0/99");
        }));
        Assert.Contains("A key is shorter than 8 characters", e.Message);
        Assert.Contains("MaxRunning is 0", e.Message);
        Assert.Contains("MaxRequestPixels is 0", e.Message);
        Assert.Contains("MaxConnections is 1000, but 1001 requests", e.Message);
        Assert.Contains("https://example.com/path", e.Message);
        Assert.Contains("http://example.com names no machine", e.Message);
        Assert.Contains("The proxy 10.0.0.0/99 is neither", e.Message);
        Assert.DoesNotContain("secret", e.ToString());
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;

    private Task<TestServer> StartAsync(Action<NexusGenServerOptions> configure) => TestServer.StartAsync(_model, configure);
}
