using System.Net;
using System.Net.Http.Headers;
using NexusGen.Hub.Core;

namespace NexusGen.Hub.Http;

/// <summary>
/// Sends requests to a hub. Redirects are followed here, so that a token never reaches another host and an encrypted connection
/// never leads to a plain one.
/// </summary>
internal sealed class HubHttp : IDisposable
{
    private const int MaxRedirects = 10;

    private readonly HttpClient _client;
    private readonly HubSettings _settings;

    /// <summary>Initializes the client.</summary>
    public HubHttp(HubSettings settings)
    {
        _settings = settings;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            UseCookies = false,
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("nexusgen", "0.1"));
    }

    /// <summary>Sends a request and follows redirects.</summary>
    /// <param name="method">The method.</param>
    /// <param name="address">The address.</param>
    /// <param name="token">The token for the host of the address, or null.</param>
    /// <param name="from">The first byte of a range to read, or null for the whole.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The response, whose body is not read yet. A HEAD request follows redirects inside the host only.</returns>
    /// <exception cref="HubException">A redirect is refused.</exception>
    /// <exception cref="HttpRequestException">The host can't be reached.</exception>
    /// <exception cref="TimeoutException">The host doesn't answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, string? token, long? from, CancellationToken cancellationToken)
    {
        Uri current = address;
        for (int i = 0; i <= MaxRedirects; i++)
        {
            string? allowed = IsSameHost(current, address) ? token : null;
            HttpResponseMessage response =
                await SendOnceAsync(method, current, allowed, from, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode is not (HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                || response.Headers.Location is not { } location)
            {
                return response;
            }

            var next = new Uri(current, location);
            if (method == HttpMethod.Head && !IsSameHost(next, address))
            {
                return response;
            }

            response.Dispose();
            if (next.Scheme != Uri.UriSchemeHttps && !(next.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp))
            {
                throw new HubException(
                    $"{address.Host} redirects to {next.Scheme}://{next.Host}, which is not encrypted: nothing was fetched from "
                    + "there.");
            }

            current = next;
        }

        throw new HubException($"{address.Host} redirects more than {MaxRedirects} times: nothing was fetched.");
    }

    /// <summary>
    /// Runs an operation again after failures that pass: no connection, a connection that broke off or stalled, and the statuses
    /// 408, 429 and 5xx.
    /// </summary>
    /// <param name="host">The host, for messages.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="progress">Returns a number that grows with progress, after which attempts count anew.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="HubException">The last attempt failed.</exception>
    public async Task RetryAsync(
        string host, Func<CancellationToken, Task> operation, Func<long> progress, CancellationToken cancellationToken)
    {
        long before = progress();
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan? asked = null;
            Exception failure;
            try
            {
                await operation(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (PassingFailure e)
            {
                (failure, asked) = (e, e.RetryAfter);
            }
            catch (Exception e) when (e is HttpRequestException or TimeoutException or HttpIOException)
            {
                failure = e;
            }

            if (progress() > before)
            {
                (before, attempt) = (progress(), 1);
            }

            if (attempt >= _settings.Attempts)
            {
                throw new HubException(
                    $"{host} failed {attempt} times without a new byte: {Reason(failure)}. Run the command again later: it goes "
                    + "on where it was.",
                    failure);
            }

            TimeSpan pause = asked ?? _settings.RetryPause * Math.Pow(2, attempt - 1);
            await Task.Delay(pause < MaxPause ? pause : MaxPause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static TimeSpan MaxPause => TimeSpan.FromMinutes(2);

    private static string Reason(Exception failure) =>
        (failure.InnerException is { } inner && failure is HttpRequestException ? inner : failure).Message.TrimEnd('.');

    private static bool IsSameHost(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Authority.Equals(other.Authority, StringComparison.OrdinalIgnoreCase);

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, Uri address, string? token, long? from, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Range = from is null ? null : new RangeHeaderValue(from, null);
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(_settings.StallTimeout);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"it did not answer for {_settings.StallTimeout.TotalSeconds:0} s", e);
        }
    }
}
