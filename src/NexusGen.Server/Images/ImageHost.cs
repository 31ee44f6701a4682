using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace NexusGen.Server.Images;

/// <summary>A host from which images can be fetched.</summary>
/// <param name="Name">The name or address.</param>
/// <param name="Port">The port, or null for the default of the scheme.</param>
internal sealed record ImageHost(string Name, int? Port)
{
    /// <summary>
    /// Gets whether the host is an IP address. It may then be inside the local network: whoever configured it meant it.
    /// </summary>
    public bool IsAddress => IPAddress.TryParse(Name, out _);

    /// <summary>Parses <c>host</c> or <c>host:port</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ImageHost? host)
    {
        host = null;
        if (!Uri.TryCreate($"http://{text}/", UriKind.Absolute, out Uri? uri)
            || uri.AbsolutePath != "/"
            || uri.UserInfo.Length > 0
            || uri.Host.Length == 0
            || text.Contains('/'))
        {
            return false;
        }

        bool hasPort = !uri.IsDefaultPort || text.EndsWith(":80", StringComparison.Ordinal);
        host = new ImageHost(uri.IdnHost.Trim('[', ']').ToLowerInvariant(), hasPort ? uri.Port : null);
        return true;
    }

    /// <summary>Returns whether a URI is on this host.</summary>
    public bool Matches(Uri uri) =>
        string.Equals(uri.IdnHost.Trim('[', ']'), Name, StringComparison.OrdinalIgnoreCase)
        && (Port is { } port ? uri.Port == port : uri.IsDefaultPort);
}
