using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Images;

/// <summary>
/// Fetches images from allowed hosts only. Redirects are checked like the first address. A name is resolved once, and the request
/// goes to the address that was checked, so the name can't change to an internal address between check and use.
/// </summary>
internal sealed class ImageFetcher : IDisposable
{
    private const int MaxRedirects = 3;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly ImageHost[] _hosts;
    private readonly long _maxBytes;
    private readonly HttpClient _client;

    /// <summary>Initializes the fetcher.</summary>
    public ImageFetcher(IOptions<NexusGenServerOptions> options)
    {
        _hosts =
        [
            .. options.Value.PictureHosts
                .Select(text => ImageHost.TryParse(text, out ImageHost? host) ? host : null)
                .OfType<ImageHost>(),
        ];
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
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Fetches the file of an image.</summary>
    /// <param name="address">The address.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ApiException">The address is not allowed, or the file can't be fetched.</exception>
    public async Task<byte[]> FetchAsync(Uri address, CancellationToken cancellationToken)
    {
        // The client's own timeout doesn't include the body of a response.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ends.CancelAfter(Timeout);
        try
        {
            for (int redirects = 0; redirects <= MaxRedirects; redirects++)
            {
                Check(address);
                using HttpResponseMessage response = await _client
                    .GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ends.Token)
                    .ConfigureAwait(false);
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
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The reason is not reported: it would let callers explore the server's network.
            throw e.InnerException as ApiException ?? Refused("A picture could not be fetched: its server can't be reached.");
        }
    }

    /// <summary>Checks an address before it is requested.</summary>
    /// <exception cref="ApiException">The address is not allowed.</exception>
    public void Check(Uri address)
    {
        if (address.Scheme is not ("http" or "https")
            || address.UserInfo.Length > 0
            || !_hosts.Any(host => host.Matches(address)))
        {
            throw Refused(
                "A picture is named by an address that this server does not fetch from: bring it as a data URL, "
                + "or have its machine allowed (--picture-hosts).");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static ApiException Refused(string sentence) => ApiException.BadRequest(sentence, code: "invalid_image_url");

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        DnsEndPoint end = context.DnsEndPoint;
        bool meant = _hosts.Any(host =>
            host.IsAddress && string.Equals(host.Name, end.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(end.Host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0 || (!meant && addresses.Any(InternalNetwork.Contains)))
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
