using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Security;

/// <summary>
/// Refuses requests of web pages, except those of the server's own address and of allowed origins. A server without keys answers
/// only under names of its machine, so that a page elsewhere can't reach it by pointing its own name here.
/// </summary>
/// <remarks>
/// ASP.NET Core's CORS middleware writes the headers for allowed origins (<see cref="CorsSetup"/>), but it executes the requests
/// of other origins too and leaves it to the browser to hide the response. Its host filtering is not used, because it answers 400
/// with an HTML page, not 421 in the API's form, and can't allow every IP address of the machine.
/// </remarks>
internal sealed class RequestGuard(RequestDelegate next, ApiKeys keys, IOptions<NexusGenServerOptions> options)
{
    private const string FetchSite = "Sec-Fetch-Site";

    private readonly HashSet<string> _origins = new(options.Value.Origins, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _hosts = new(options.Value.Hosts, StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns whether a web page of another origin sent a request.</summary>
    public static bool IsFromOtherOrigin(HttpContext context)
    {
        HttpRequest request = context.Request;
        string origin = request.Headers.Origin.ToString();

        // Behind a proxy that hides scheme and host, the browser still tells its own page by Sec-Fetch-Site, which pages can't
        // set.
        return origin.Length > 0
            && request.Headers[FetchSite] != "same-origin"
            && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (!keys.AreRequired && !IsOwnHost(context.Request.Host.Host))
        {
            throw new ApiException(
                StatusCodes.Status421MisdirectedRequest,
                "This server is not known by that name: without keys it answers only under names of its machine, "
                + "or those of --hosts.",
                "invalid_request_error");
        }

        if (IsFromOtherOrigin(context) && !_origins.Contains(context.Request.Headers.Origin.ToString()))
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden,
                "Web pages of that address may not use this server; allow it by --origins.",
                "invalid_request_error");
        }

        return next(context);
    }

    private bool IsOwnHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Trim('[', ']'), out _)
        || _hosts.Contains(host);
}
