using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>
/// Refusals of a busy server cost it little: they come before the body is read, and slowly to whoever asks again at once.
/// </summary>
public sealed class RefusalTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Theory]
    [InlineData("/v1/chat/completions", "application/json")]
    [InlineData("/v1/images/generations", "application/json")]
    [InlineData("/v1/images/edits", "multipart/form-data; boundary=x")]
    [InlineData("/v1/responses", "application/json")]
    [InlineData("/studio/api/conversations/any/turns", "application/json")]
    [InlineData("/studio/api/turns/any/again", "application/json")]
    public async Task AFullQueueRefusesBeforeTheBodyIsSent(string path, string type)
    {
        await using TestServer server = await FullAsync();
        using IDisposable busy = await server.Services.GetRequiredService<WorkQueue>().EnterAsync("another");
        var studio = new StudioClient(server.Http);
        string conversation = await studio.CreateAsync();
        await studio.AddAsync(conversation, StudioClient.Turn("a red star", "draw"));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 1000000\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("HTTP/1.1 429 Too Many Requests", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await studio.SendAsync(HttpMethod.Delete, StudioClient.AddressOf(conversation))).Status);
    }

    [Fact]
    public async Task TheFirstRefusalsComeAtOnceAndLaterOnesSlowly()
    {
        await using TestServer server = await FullAsync();
        using IDisposable busy = await server.Services.GetRequiredService<WorkQueue>().EnterAsync("another");
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 30; i++)
        {
            using HttpResponseMessage refused = await server.PostAsync(
                "/v1/images/generations", new JsonObject { ["prompt"] = "a red star" });
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        // Ten at once, then ten a second.
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(60));
        Assert.Empty(server.Log.Warnings);

        // Whoever is not refused does not wait.
        watch.Restart();
        await server.Http.GetStringAsync("/v1/models");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void APaceIsBoundedAndForgotten()
    {
        var clock = new Clock();
        var pace = new RefusalPace(clock);
        TimeSpan[] waits = [.. Enumerable.Range(0, 200).Select(_ => pace.Next("me"))];
        Assert.All(waits[..10], wait => Assert.Equal(TimeSpan.Zero, wait));
        Assert.Equal(TimeSpan.FromSeconds(0.1), waits[10]);
        Assert.Equal(TimeSpan.FromSeconds(5), waits[^1]);
        Assert.Equal(TimeSpan.Zero, pace.Next("you"));
        clock.Now += TimeSpan.FromSeconds(10);
        Assert.Equal(TimeSpan.Zero, pace.Next("me"));
        for (int i = 0; i < 30_000; i++)
        {
            Assert.Equal(TimeSpan.Zero, pace.Next($"client {i}"));
        }
    }

    private Task<TestServer> FullAsync() =>
        TestServer.StartAsync(tiny.Model, options => (options.MaxRunning, options.QueueLength) = (1, 0));

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(50);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
