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
        return new ForwardedHeadersMiddleware(next, logging, Options.Create(options)).Invoke;
    };
}
