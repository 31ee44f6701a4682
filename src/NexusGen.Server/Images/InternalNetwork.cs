using System.Net;
using System.Net.Sockets;

namespace NexusGen.Server.Images;

/// <summary>Distinguishes addresses of this machine and the local network from public ones.</summary>
internal static class InternalNetwork
{
    // Addresses that no public host has: this network, private, shared, loopback, link-local, documentation, benchmarks,
    // translation, multicast and reserved ones (the special-purpose registries of RFC 6890 and its updates).
    private static readonly IPNetwork[] Networks =
    [
        .. ((string[])
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
            "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        ]).Select(text => IPNetwork.Parse(text)),
    ];

    /// <summary>Returns whether an address is not a public one.</summary>
    public static bool Contains(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

        // The old form of IPv4 inside IPv6, ::a.b.c.d, belongs to no host.
        bool compatible = plain.AddressFamily == AddressFamily.InterNetworkV6
            && plain.GetAddressBytes().AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0;
        return compatible || Networks.Any(network => network.Contains(plain));
    }
}
