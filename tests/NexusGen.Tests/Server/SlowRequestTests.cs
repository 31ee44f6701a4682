using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>Clients that send very slowly, or more than is taken: they are cut off and cost nobody else anything.</summary>
public sealed class SlowRequestTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Theory]
    [InlineData("/v1/images/generations", "application/json")]
    [InlineData("/v1/images/edits", "multipart/form-data; boundary=x")]
    [InlineData("/studio/api/pictures", "image/png")]
    public async Task WhoSendsHisBodyByteByByteIsCutOffWhileOthersAreServed(string path, string type)
    {
        using TcpClient slow = await ConnectAsync($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 100000\r\n\r\n");
        Task<string> answer = ReadAsync(slow);
        using var stop = new CancellationTokenSource();
        Task dripping = DripAsync(slow, stop.Token);
        (HttpStatusCode status, _) = await tiny.Server.AskAsync("/v1/images/generations", new JsonObject { ["prompt"] = "a red star", ["steps"] = 1 });
        Assert.Equal(HttpStatusCode.OK, status);

        // The picture's own place is given back a moment after its answer; the slow one, still dripping, has none.
        var queue = tiny.Server.Services.GetRequiredService<WorkQueue>();
        for (int i = 0; i < 100 && queue.Running > 0; i++)
        {
            await Task.Delay(20);
        }

        Assert.Equal(0, queue.Running);
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
        using TcpClient client = await ConnectAsync("POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", await ReadAsync(client).WaitAsync(TimeSpan.FromMinutes(2)));
    }

    private async Task<TcpClient> ConnectAsync(string head)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, tiny.Server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        return client;
    }

    // A byte every half second, until the other side has enough of it.
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
