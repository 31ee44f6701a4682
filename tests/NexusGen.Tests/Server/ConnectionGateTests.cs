using System.Net;
using System.Net.Sockets;
using System.Text;
using NexusGen.Server.Configuration;

namespace NexusGen.Tests.Server;

/// <summary>Connections that say nothing, or too many of one address, keep nobody else out.</summary>
public sealed class ConnectionGateTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task SilentConnectionsMakeRoomForOthersAndAreClosed()
    {
        const int most = 20;
        await using TestServer server = await StartAsync(options => options.MaxConnections = most);
        List<TcpClient> silent = [];
        for (int i = 0; i < 3 * most; i++)
        {
            silent.Add(await ConnectAsync(server));
        }

        for (int i = 0; i < most; i++)
        {
            using TcpClient client = await ConnectAsync(server);
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(client).WaitAsync(TimeSpan.FromSeconds(8)));
        }

        // All are closed long before the two minutes that an idle connection may stay.
        await Task.WhenAll(silent.Select(client => EndAsync(client))).WaitAsync(Patience);
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task AConnectionThatHasSpokenMayBeSilentBetweenRequests()
    {
        await using TestServer server = await StartAsync(_ => { });
        using TcpClient client = await ConnectAsync(server);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(client).WaitAsync(Patience));
        await Task.Delay(TimeSpan.FromSeconds(12));
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(client).WaitAsync(Patience));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("127.0.0.0/8", true)]
    public async Task AnAddressHasALimitedNumberOfConnectionsUnlessItIsAProxy(string? proxy, bool served)
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.MaxConnectionsPerAddress = 3;
            if (proxy is not null)
            {
                options.Proxies.Add(proxy);
            }
        });
        List<TcpClient> clients = [];
        for (int i = 0; i < 3; i++)
        {
            clients.Add(await ConnectAsync(server));
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(clients[^1]).WaitAsync(Patience));
        }

        using (TcpClient more = await ConnectAsync(server))
        {
            Assert.Equal(served, (await AskAsync(more).WaitAsync(Patience)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal));
        }

        // A closed connection makes room for another.
        clients[0].Dispose();
        using var patience = new CancellationTokenSource(Patience);
        for (bool answered = false; !answered; await Task.Delay(20, patience.Token))
        {
            using TcpClient next = await ConnectAsync(server);
            answered = (await AskAsync(next)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }

        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task TheServerStopsWhileConnectionsAreSilent()
    {
        await using TestServer server = await StartAsync(_ => { });
        using TcpClient client = await ConnectAsync(server);
        await server.StopAsync().WaitAsync(Patience);
        await EndAsync(client).WaitAsync(Patience);
    }

    private Task<TestServer> StartAsync(Action<NexusGenServerOptions> configure) => TestServer.StartAsync(tiny.Model, options =>
    {
        (options.MaxRunning, options.QueueLength) = (1, 1);
        configure(options);
    });

    private static async Task<TcpClient> ConnectAsync(TestServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        return client;
    }

    // Returns the status line, or nothing if the connection was closed.
    private static async Task<string> AskAsync(TcpClient client)
    {
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Request));
            byte[] buffer = new byte[4096];
            int count = await client.GetStream().ReadAsync(buffer);
            return Encoding.ASCII.GetString(buffer, 0, count);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task EndAsync(TcpClient client)
    {
        try
        {
            while (await client.GetStream().ReadAsync(new byte[1]) > 0)
            {
            }
        }
        catch (IOException)
        {
        }
    }
}
