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

/// <summary>Believes what trusted proxies say of the caller: address, scheme and name. Where there are none, nothing of that is read.</summary>
internal static class TrustedProxies
{
    /// <summary>Reads an address or a network.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    /// <summary>The step of a pipeline that does so.</summary>
    /// <param name="services">The options among them; they are read when the pipeline is built, once they were checked.</param>
    public static Func<RequestDelegate, RequestDelegate> Believe(IServiceProvider services) => next =>
    {
        IList<string> proxies = services.GetRequiredService<IOptions<NexusGenServerOptions>>().Value.Proxies;
        if (proxies.Count == 0)
        {
            return next;
        }

        // As many in a row as there are: only those that stand in the list are believed, whatever came before them.
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (string proxy in proxies)
        {
            options.KnownIPNetworks.Add(TryParse(proxy, out IPNetwork network) ? network : throw new InvalidOperationException("Options are checked before."));
        }

        return new ForwardedHeadersMiddleware(next, services.GetRequiredService<ILoggerFactory>(), Options.Create(options)).Invoke;
    };
}
