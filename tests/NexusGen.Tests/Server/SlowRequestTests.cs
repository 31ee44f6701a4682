using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>Clients that send very slowly, or more than is accepted: they are disconnected and do not affect others.</summary>
public sealed class SlowRequestTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Theory]
    [InlineData("/v1/images/generations", "application/json")]
    [InlineData("/v1/images/edits", "multipart/form-data; boundary=x")]
    [InlineData("/studio/api/pictures", "image/png")]
    public async Task WhoSendsHisBodyByteByByteIsCutOffWhileOthersAreServed(string path, string type)
    {
        using TcpClient slow = await ConnectAsync(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 100000\r\n\r\n");
        Task<string> answer = ReadAsync(slow);
        using var stop = new CancellationTokenSource();
        Task dripping = DripAsync(slow, stop.Token);
        (HttpStatusCode status, _) = await tiny.Server.AskAsync(
            "/v1/images/generations",
            new JsonObject { ["prompt"] = "a red star", ["steps"] = 1 });
        Assert.Equal(HttpStatusCode.OK, status);

        // The slot of the generated image is released a moment after its answer; the slow request, still sending, has none.
        var queue = tiny.Server.Services.GetRequiredService<WorkQueue>();
        await UntilAsync(() => queue.Running == 0);
        string said = await answer.WaitAsync(TimeSpan.FromMinutes(2));
        await stop.CancelAsync();
        await dripping;
        Assert.True(said.Length == 0 || said.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task WhoNeverEndsHisHeadersIsCutOff()
    {
        using TcpClient slow = await ConnectAsync("GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-Endless: ");
        using var stop = new CancellationTokenSource();
        Task dripping = DripAsync(slow, stop.Token);
        string said = await ReadAsync(slow).WaitAsync(TimeSpan.FromMinutes(2));
        await stop.CancelAsync();
        await dripping;
        Assert.True(said.Length == 0 || said.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task ABodyThatSaysItIsTooLargeIsRefusedBeforeItIsSent()
    {
        using TcpClient client = await ConnectAsync(
            "POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 99999999999\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", await ReadAsync(client).WaitAsync(TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task WhoNeverReadsHoldsHisPlaceNoLongerThanARequestMayTake()
    {
        // More data before the image than all buffers on the way can hold.
        InterceptedStream? large = null;
        await using TestServer server = await TestServer.StartAsync(
            tiny.Model,
            options => options.RequestTimeout = TimeSpan.FromSeconds(10),
            (context, next) =>
            {
                context.Response.Body = large = new InterceptedStream(
                    context.Response.Body,
                    "image_generation.completed",
                    (body, cancellation) => body.WriteAsync(new byte[64_000_000], cancellation));
                return next(context);
            });
        var queue = server.Services.GetRequiredService<WorkQueue>();
        const string body = """{"prompt":"a red star","stream":true,"steps":1}""";
        using TcpClient deaf = await ConnectAsync(
            $"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}",
            server);
        await UntilAsync(() => large?.HasHappened == true);
        Assert.Equal(1, queue.Running);
        await UntilAsync(() => queue.Running == 0);
        await server.StopAsync();
        Assert.DoesNotContain("image_generation.completed", await ReadAllAsync(deaf));
        Assert.Equal("", string.Join("\n", server.Log.Warnings));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private async Task<TcpClient> ConnectAsync(string head, TestServer? server = null)
    {
        // A small buffer, so that data that nobody reads stays with the server.
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, (server ?? tiny.Server).Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        return client;
    }

    // Sends a byte every half second until the other side closes the connection.
    private static async Task DripAsync(TcpClient client, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await client.GetStream().WriteAsync("x"u8.ToArray(), cancellation);
                await Task.Delay(500, cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    // Reads until the connection ends, even with an error.
    private static async Task<string> ReadAllAsync(TcpClient client)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[65536];
        try
        {
            while (await client.GetStream().ReadAsync(buffer) is var count and > 0)
            {
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
        }

        return text.ToString();
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        try
        {
            using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
            return await reader.ReadLineAsync() ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
