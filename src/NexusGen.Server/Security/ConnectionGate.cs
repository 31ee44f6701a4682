using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;

namespace NexusGen.Server.Security;

/// <summary>
/// Admits connections to the web server when they begin to speak: silent ones are closed after a short time, do not count as
/// open connections of the web server, and the oldest of them make room for others. An address has a limited number of
/// connections.
/// </summary>
/// <remarks>
/// Kestrel's timeout for the head of a request starts with its first byte. Until then, its timeout for idle connections
/// applies, 130 seconds, which can't be shorter because clients keep connections for later requests. All protocols of the web
/// server begin with the client.
/// </remarks>
/// <param name="sockets">The options of the sockets.</param>
/// <param name="options">The limits.</param>
/// <param name="logging">Creates the log of the sockets.</param>
internal sealed class ConnectionGate(
    IOptions<SocketTransportOptions> sockets, IOptions<NexusGenServerOptions> options, ILoggerFactory logging)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(sockets, logging);

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => _sockets.CanBind(endpoint);

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new GatedListener(
            await _sockets.BindAsync(endpoint, cancellationToken).ConfigureAwait(false),
            new OpenConnections(options.Value));
}
