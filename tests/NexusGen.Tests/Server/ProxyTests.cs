using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>
/// Behind an HTTPS proxy: the server recognizes its own page, and believes the headers of trusted proxies only.
/// </summary>
public sealed class ProxyTests : IDisposable
{
    private const string Page = "https://studio.example";

    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("same-origin", HttpStatusCode.NotFound)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("none", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Forbidden)]
    public async Task WhatTheBrowserSaysOfItsOwnPageIsBelieved(string? site, HttpStatusCode expected)
    {
        await using TestServer server = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/studio/api/pictures/none");
        request.Headers.Add("Origin", Page);
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        Assert.Equal(expected, (await server.Http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("::1", false)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData(null, false)]
    public async Task AddressesOfPicturesAreThoseThatATrustedProxyTells(string? proxy, bool believed)
    {
        await using TestServer server = await StartAsync(proxy);
        using HttpRequestMessage request = Forwarded("1.2.3.4");
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        string url = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]![0]!["url"]!;
        Assert.StartsWith(believed ? $"{Page}/pictures/" : $"{server.Address}pictures/", url);

        // The page's own origin is then known too, for browsers that send no Sec-Fetch-Site header.
        using HttpRequestMessage fromPage = Forwarded("1.2.3.4");
        fromPage.Headers.Add("Origin", Page);
        Assert.Equal(believed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await server.Http.SendAsync(fromPage)).StatusCode);
    }

    [Theory]
    [InlineData("https", "studio.example", "https://studio.example/")]
    [InlineData("HTTPS", "studio.example:8443", "https://studio.example:8443/")]
    [InlineData("javascript", "studio.example", "http://studio.example/")]
    [InlineData("ws", "studio.example", "http://studio.example/")]
    [InlineData("file", "studio.example", "http://studio.example/")]
    [InlineData("https", "studio.example:99999", null)]
    [InlineData("https", "studio.example:0", null)]
    [InlineData("https", "[::1", null)]
    [InlineData("https", "a..b", null)]
    [InlineData("https", "studio.example:80:90", null)]
    public async Task ASchemeOrHostThatIsNoneIsIgnored(string scheme, string host, string? expected)
    {
        await using TestServer server = await StartAsync("127.0.0.1");
        using HttpRequestMessage request = Forwarded("1.2.3.4");
        request.Headers.Remove("X-Forwarded-Proto");
        request.Headers.Remove("X-Forwarded-Host");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", host);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        string url = (string)JsonNode.Parse(text)!["data"]![0]!["url"]!;
        Assert.StartsWith($"{expected ?? $"{scheme}://127.0.0.1:{server.Address.Port}/"}pictures/", url);
    }

    [Fact]
    public async Task ATrustedProxysNameForTheServerIsCheckedAsAnyOther()
    {
        await using TestServer server = await StartAsync("127.0.0.1");
        using HttpRequestMessage request = Forwarded("1.2.3.4");
        request.Headers.Remove("X-Forwarded-Host");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await server.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task CallersBehindATrustedProxyWaitInTurnByTheirOwnAddresses()
    {
        await using TestServer server = await StartAsync("127.0.0.1");
        var queue = server.Services.GetRequiredService<WorkQueue>();
        Task<HttpResponseMessage> first, another;
        using (await queue.EnterAsync("running"))
        {
            first = server.Http.SendAsync(Forwarded("1.1.1.1"));
            await UntilAsync(() => queue.Waiting == 1);
            using HttpResponseMessage refused = await server.Http.SendAsync(Forwarded("1.1.1.1"));
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            another = server.Http.SendAsync(Forwarded("2.2.2.2"));
            await UntilAsync(() => queue.Waiting == 2);
        }

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK],
            (await Task.WhenAll(first, another)).Select(response => response.StatusCode));
    }

    private static HttpRequestMessage Forwarded(string caller)
    {
        var body = new JsonObject
        {
            ["prompt"] = "A cat",
            ["steps"] = 1,
            ["size"] = "32x32",
            ["cfg_scale"] = 1,
            ["response_format"] = "url"
        };
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Forwarded-For", caller);
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "studio.example");
        return request;
    }

    private Task<TestServer> StartAsync(string? proxy = null) => TestServer.StartAsync(_model, options =>
    {
        options.Hosts.Add("studio.example");
        options.MaxRunning = 1;
        options.QueuePerClient = 1;
        if (proxy is not null)
        {
            options.Proxies.Add(proxy);
        }
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
