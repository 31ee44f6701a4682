using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Images;

namespace NexusGen.Tests.Server;

/// <summary>The server sends requests only to hosts that it is configured to use.</summary>
public sealed class ImageFetcherTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::")]
    public void InnerAddressesAreInner(string address) => Assert.True(InternalNetwork.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    public void AddressesOfTheWorldAreNot(string address) => Assert.False(InternalNetwork.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://example.com/cat.png")]
    [InlineData("http://allowed.example.evil.com/cat.png")]
    [InlineData("http://allowed.example@evil.com/cat.png")]
    [InlineData("http://user:word@allowed.example/cat.png")]
    [InlineData("http://allowed.example:81/cat.png")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://allowed.example/cat.png")]
    public async Task OnlyAllowedMachinesAreAsked(string address)
    {
        using ImageFetcher fetcher = Fetcher("allowed.example");
        ApiException refused = await Assert.ThrowsAsync<ApiException>(
            () => fetcher.FetchAsync(new Uri(address), CancellationToken.None));
        Assert.Contains("does not fetch from", refused.Message);
    }

    [Fact]
    public async Task ANameThatLeadsInsideIsRefused()
    {
        // The name is allowed but leads to this machine, as after DNS rebinding.
        using ImageFetcher fetcher = Fetcher("localhost:8123");
        ApiException refused = await Assert.ThrowsAsync<ApiException>(
            () => fetcher.FetchAsync(new Uri("http://localhost:8123/"), CancellationToken.None));
        Assert.Contains("own network", refused.Message);
    }

    [Fact]
    public async Task APictureIsFetchedFromAnAllowedMachineAndNoMoreThanAllowed()
    {
        using var other = new OneAnswer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        using ImageFetcher fetcher = Fetcher($"127.0.0.1:{other.Port}");
        Assert.Equal(
            "hello"u8.ToArray(),
            await fetcher.FetchAsync(new Uri($"http://127.0.0.1:{other.Port}/"), CancellationToken.None));

        using ImageFetcher small = Fetcher(4, $"127.0.0.1:{other.Port}");
        ApiException refused = await Assert.ThrowsAsync<ApiException>(
            () => small.FetchAsync(new Uri($"http://127.0.0.1:{other.Port}/"), CancellationToken.None));
        Assert.Contains("more than 4 bytes", refused.Message);
    }

    [Fact]
    public async Task ARedirectToAnotherMachineIsNotFollowed()
    {
        using var inner = new OneAnswer("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret");
        using var other = new OneAnswer(
            $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inner.Port}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using ImageFetcher fetcher = Fetcher($"127.0.0.1:{other.Port}");
        ApiException refused = await Assert.ThrowsAsync<ApiException>(
            () => fetcher.FetchAsync(new Uri($"http://127.0.0.1:{other.Port}/"), CancellationToken.None));
        Assert.Contains("does not fetch from", refused.Message);
        Assert.Equal(0, inner.Asked);
    }

    [Theory]
    [InlineData("example.com", "example.com", null)]
    [InlineData("EXAMPLE.com:8080", "example.com", 8080)]
    [InlineData("[::1]:81", "::1", 81)]
    public void HostsAreReadWithTheirPort(string text, string name, int? port)
    {
        Assert.True(ImageHost.TryParse(text, out ImageHost? host));
        Assert.Equal((name, port), (host.Name, host.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://example.com")]
    [InlineData("example.com/path")]
    [InlineData("user@example.com")]
    public void OthersAreNoHosts(string text) => Assert.False(ImageHost.TryParse(text, out _));

    private static ImageFetcher Fetcher(params string[] hosts) => Fetcher(1000, hosts);

    private static ImageFetcher Fetcher(long maxBytes, params string[] hosts)
    {
        var options = new NexusGenServerOptions { MaxBodyBytes = maxBytes };
        hosts.ToList().ForEach(options.PictureHosts.Add);
        return new ImageFetcher(Options.Create(options));
    }

    /// <summary>A server that answers every connection with the same bytes.</summary>
    private sealed class OneAnswer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _asked;

        public OneAnswer(string answer)
        {
            _listener.Start();
            _ = AnswerAsync(Encoding.ASCII.GetBytes(answer));
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Asked => Volatile.Read(ref _asked);

        public void Dispose() => _listener.Dispose();

        private async Task AnswerAsync(byte[] answer)
        {
            try
            {
                while (true)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    Interlocked.Increment(ref _asked);
                    NetworkStream stream = client.GetStream();
                    _ = await stream.ReadAsync(new byte[4096]);
                    await stream.WriteAsync(answer);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
            }
        }
    }
}
