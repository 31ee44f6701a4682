using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace NexusGen.Server.Pictures;

/// <summary>A machine that pictures may be fetched from.</summary>
/// <param name="Name">Its name or its address.</param>
/// <param name="Port">The port; null for the scheme's own.</param>
internal sealed record PictureHost(string Name, int? Port)
{
    /// <summary>Whether it was written as a number: then it may be inside the own network, for whoever wrote it meant it.</summary>
    public bool IsAddress => IPAddress.TryParse(Name, out _);

    /// <summary>Reads <c>host</c> or <c>host:port</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PictureHost? host)
    {
        host = null;
        if (!Uri.TryCreate($"http://{text}/", UriKind.Absolute, out Uri? uri) || uri.AbsolutePath != "/" || uri.UserInfo.Length > 0 || uri.Host.Length == 0 || text.Contains('/'))
        {
            return false;
        }

        host = new PictureHost(uri.IdnHost.Trim('[', ']').ToLowerInvariant(), uri.IsDefaultPort && !text.EndsWith(":80", StringComparison.Ordinal) ? null : uri.Port);
        return true;
    }

    /// <summary>Whether an address leads there.</summary>
    public bool Matches(Uri uri) =>
        string.Equals(uri.IdnHost.Trim('[', ']'), Name, StringComparison.OrdinalIgnoreCase) && (Port is { } port ? uri.Port == port : uri.IsDefaultPort);
}
