using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace NexusGen.Server.Security;

/// <summary>Accepts connections, and passes on those that have sent something.</summary>
internal sealed class GatedListener : IConnectionListener
{
    private static readonly TimeSpan FirstByteTimeout = TimeSpan.FromSeconds(10);

    // A program that connects again at once would otherwise cost more than one that is served.
    private static readonly TimeSpan RefusalDelay = TimeSpan.FromSeconds(1);

    private readonly IConnectionListener _inner;
    private readonly OpenConnections _open;
    private readonly Channel<ConnectionContext> _speaking = Channel.CreateUnbounded<ConnectionContext>();
    private readonly CancellationTokenSource _end = new();

    /// <summary>Initializes the listener and starts accepting.</summary>
    /// <param name="inner">The listener of the sockets.</param>
    /// <param name="open">The open connections.</param>
    public GatedListener(IConnectionListener inner, OpenConnections open)
    {
        (_inner, _open) = (inner, open);
        _ = AcceptAllAsync();
    }

    /// <inheritdoc/>
    public EndPoint EndPoint => _inner.EndPoint;

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _speaking.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_speaking.Reader.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _inner.UnbindAsync(cancellationToken).ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _inner.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            while (await _inner.AcceptAsync().ConfigureAwait(false) is { } connection)
            {
                _ = AdmitAsync(connection);
            }

            _speaking.Writer.TryComplete();
        }
        catch (Exception e)
        {
            _speaking.Writer.TryComplete(e);
        }
    }

    private async Task AdmitAsync(ConnectionContext connection)
    {
        bool speaks = false;
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        try
        {
            if (_open.TryAdd(connection, silence))
            {
                silence.CancelAfter(FirstByteTimeout);
                ReadResult first = await connection.Transport.Input.ReadAsync(silence.Token).ConfigureAwait(false);
                speaks = !first.Buffer.IsEmpty;

                // Not consumed: the web server reads it again.
                connection.Transport.Input.AdvanceTo(first.Buffer.Start);
            }
            else
            {
                await Task.Delay(RefusalDelay, silence.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            // Silent for too long, or already closed.
        }

        _open.Speaks(connection);
        if (!speaks || !_speaking.Writer.TryWrite(connection))
        {
            connection.Abort();
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
