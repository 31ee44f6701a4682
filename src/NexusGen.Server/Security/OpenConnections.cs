using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using NexusGen.Server.Configuration;
using IPNetwork = System.Net.IPNetwork;

namespace NexusGen.Server.Security;

/// <summary>
/// Counts open connections, in all and of each address. Trusted proxies bring the connections of many, so they have no limit of
/// their own. Thread-safe.
/// </summary>
/// <param name="options">The limits.</param>
internal sealed class OpenConnections(NexusGenServerOptions options)
{
    // The part of an IPv6 address that one customer of a network gets.
    private const int CustomerBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _counts = [];
    private readonly LinkedList<Silent> _oldestSilentFirst = [];
    private readonly IPNetwork[] _proxies =
        [.. options.Proxies.Select(proxy => TrustedProxies.TryParse(proxy, out IPNetwork network) ? network : default)];

    private int _count;

    /// <summary>Adds a connection that has not sent anything, unless its address has too many.</summary>
    /// <param name="connection">The connection. It is removed when it is closed.</param>
    /// <param name="silence">Is cancelled if the connection must make room for another while it is silent.</param>
    /// <returns>true if it was added; otherwise, false.</returns>
    public bool TryAdd(ConnectionContext connection, CancellationTokenSource silence)
    {
        IPAddress? address = AddressOf(connection);
        CancellationTokenSource? evicted = null;
        lock (_gate)
        {
            if (address is not null)
            {
                int count = _counts.GetValueOrDefault(address);
                if (count >= options.MaxConnectionsPerAddress)
                {
                    return false;
                }

                _counts[address] = count + 1;
            }

            if (++_count > options.MaxConnections && _oldestSilentFirst.First is { } oldest)
            {
                _oldestSilentFirst.Remove(oldest);
                evicted = oldest.Value.Silence;
            }

            _oldestSilentFirst.AddLast(new Silent(connection, silence));
        }

        // Not under the lock. It may have begun to speak, or have been closed, meanwhile.
        try
        {
            evicted?.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }

        connection.ConnectionClosed.Register(() => Remove(address));
        return true;
    }

    /// <summary>Notes that a connection is not silent any more.</summary>
    public void Speaks(ConnectionContext connection)
    {
        lock (_gate)
        {
            for (LinkedListNode<Silent>? node = _oldestSilentFirst.Last; node is not null; node = node.Previous)
            {
                if (node.Value.Connection == connection)
                {
                    _oldestSilentFirst.Remove(node);
                    return;
                }
            }
        }
    }

    private void Remove(IPAddress? address)
    {
        lock (_gate)
        {
            _count--;
            if (address is not null && --_counts[address] == 0)
            {
                _counts.Remove(address);
            }
        }
    }

    // Returns null for connections without a limit: those of trusted proxies, and of sockets in the file system.
    private IPAddress? AddressOf(ConnectionContext connection)
    {
        if ((connection.RemoteEndPoint as IPEndPoint)?.Address is not { } address)
        {
            return null;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (_proxies.Any(proxy => proxy.Contains(address)))
        {
            return null;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            byte[] bytes = address.GetAddressBytes();
            bytes.AsSpan(CustomerBytes).Clear();
            address = new IPAddress(bytes);
        }

        return address;
    }

    private sealed record Silent(ConnectionContext Connection, CancellationTokenSource Silence);
}
