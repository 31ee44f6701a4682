using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Pictures;

/// <summary>
/// Fetches pictures from the machines that are allowed, and from no other: redirects are checked as the first address was, and a
/// name is looked up once and that very address is asked, so that it can't turn into an inner one between check and use.
/// </summary>
internal sealed class PictureFetcher : IDisposable
{
    private const int MaxRedirects = 3;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly PictureHost[] _hosts;
    private readonly long _maxBytes;
    private readonly HttpClient _client;

    /// <summary>A fetcher.</summary>
    public PictureFetcher(IOptions<NexusGenServerOptions> options)
    {
        _hosts = [.. options.Value.PictureHosts.Select(text => PictureHost.TryParse(text, out PictureHost? host) ? host : null).OfType<PictureHost>()];
        _maxBytes = options.Value.MaxBodyBytes;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Fetches a picture's bytes.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ApiException">It is not allowed, or there is no picture.</exception>
    public async Task<byte[]> FetchAsync(Uri address, CancellationToken cancellationToken)
    {
        // The client's own limit ends with the head of an answer.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ends.CancelAfter(Longest);
        try
        {
            for (int redirects = 0; redirects <= MaxRedirects; redirects++)
            {
                Check(address);
                using HttpResponseMessage response = await _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ends.Token).ConfigureAwait(false);
                if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location)
                {
                    address = new Uri(address, location);
                    continue;
                }

                return response.IsSuccessStatusCode
                    ? await ReadAsync(response.Content, ends.Token).ConfigureAwait(false)
                    : throw Refused($"A picture could not be fetched: its server answers {(int)response.StatusCode}.");
            }

            throw Refused($"A picture could not be fetched: it is redirected more than {MaxRedirects} times.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // What the other side said is not told: a server must not be a way to look around in its network.
            throw e.InnerException as ApiException ?? Refused("A picture could not be fetched: its server can't be reached.");
        }
    }

    /// <summary>Checks an address before anything is asked of it.</summary>
    /// <exception cref="ApiException">Nothing is fetched from there.</exception>
    public void Check(Uri address)
    {
        if (address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || !_hosts.Any(host => host.Matches(address)))
        {
            throw Refused(
                "A picture is named by an address that this server does not fetch from: bring it as a data URL, or have its machine allowed (--picture-hosts).");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static ApiException Refused(string sentence) => ApiException.BadRequest(sentence, code: "invalid_image_url");

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        DnsEndPoint end = context.DnsEndPoint;
        bool meant = _hosts.Any(host => host.IsAddress && string.Equals(host.Name, end.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(end.Host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0 || (!meant && addresses.Any(InnerNetwork.Contains)))
        {
            throw Refused("A picture is named by an address inside this server's own network: bring it as a data URL.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, end.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[81920];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > _maxBytes)
            {
                throw Refused($"A picture could not be fetched: it has more than {_maxBytes:N0} bytes.");
            }
        }

        return bytes.ToArray();
    }
}
