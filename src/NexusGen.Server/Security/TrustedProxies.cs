using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using IPNetwork = System.Net.IPNetwork;

namespace NexusGen.Server.Security;

/// <summary>
/// Reads the caller's address, the scheme and the host from the headers of trusted proxies. Without trusted proxies nothing is
/// read.
/// </summary>
internal static class TrustedProxies
{
    private const string Direct = "NexusGen.Direct";

    /// <summary>Parses an address or a network.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    /// <summary>Creates the middleware.</summary>
    /// <param name="services">The services. The options are read when the pipeline is built, after their validation.</param>
    public static Func<RequestDelegate, RequestDelegate> Middleware(IServiceProvider services) => next =>
    {
        IList<string> proxies = services.GetRequiredService<IOptions<NexusGenServerOptions>>().Value.Proxies;
        if (proxies.Count == 0)
        {
            return next;
        }

        // Any number of proxies in a row, but only listed ones are trusted.
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders =
                ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (string proxy in proxies)
        {
            options.KnownIPNetworks.Add(TryParse(proxy, out IPNetwork network)
                ? network
                : throw new InvalidOperationException("The options were not validated."));
        }

        var logging = services.GetRequiredService<ILoggerFactory>();
        var forwarded = new ForwardedHeadersMiddleware(
            context =>
            {
                Check(context);
                return next(context);
            },
            logging,
            Options.Create(options));
        return context =>
        {
            context.Items[Direct] = (context.Request.Scheme, context.Request.Host);
            return forwarded.Invoke(context);
        };
    };

    // ASP.NET Core takes any scheme, and any host of the right characters. Proxies often pass on what the client wrote, and both
    // become part of addresses in responses.
    private static void Check(HttpContext context)
    {
        HttpRequest request = context.Request;
        (string scheme, HostString host) = ((string, HostString))context.Items[Direct]!;
        request.Scheme = request.Scheme.ToLowerInvariant() is "http" or "https" ? request.Scheme.ToLowerInvariant() : scheme;
        request.Host = IsHost(request.Host) ? request.Host : host;
    }

    private static bool IsHost(HostString host)
    {
        int name = host.Host.Length + (host.Port is { } port ? $":{port}".Length : 0);
        return host is { HasValue: true, Port: null or (> 0 and <= 65535) }
            && name == host.Value.Length
            && Uri.CheckHostName(host.Host.Trim('[', ']')) != UriHostNameType.Unknown;
    }
}
