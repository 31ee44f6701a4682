using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Security;

/// <summary>
/// Lets in who may ask: with a right key where keys are asked for, and from web pages only of this server's own address or of
/// allowed ones. A server without keys answers only under names of this machine, so that a page elsewhere can't reach it by
/// letting its own name point here.
/// </summary>
internal sealed class RequestGuard(RequestDelegate next, ApiKeys keys, IOptions<NexusGenServerOptions> options)
{
    private const string ClientItem = "NexusGen.Client";
    private const string FetchSite = "Sec-Fetch-Site";

    // What a page's script may read besides the few headers that it always may.
    private const string Exposed = $"Retry-After, {ErrorHandling.RequestIdHeader}, Mcp-Session-Id, Content-Disposition";

    private readonly HashSet<string> _origins = new(options.Value.Origins, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _hosts = new(options.Value.Hosts, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whose request it is, as the guard found.</summary>
    public static string ClientOf(HttpContext context) => (string)context.Items[ClientItem]!;

    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!keys.AreAsked && !IsOwn(request.Host.Host))
        {
            throw new ApiException(
                StatusCodes.Status421MisdirectedRequest, "This server is not known by that name: without keys it answers only under names of its machine, or those of --hosts.",
                "invalid_request_error");
        }

        string origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !IsOwnPage(request, origin))
        {
            if (!_origins.Contains(origin))
            {
                throw new ApiException(StatusCodes.Status403Forbidden, "Web pages of that address may not use this server; allow it by --origins.", "invalid_request_error");
            }

            Allow(context, origin);
        }

        // A browser's question before a request leads to that request's endpoint, which it must never reach.
        if (IsPreflight(request))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        string? client = keys.ClientOf(context);
        if (client is null && context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is null)
        {
            throw new ApiException(
                StatusCodes.Status401Unauthorized, "The request brings no key that this server knows: send Authorization: Bearer and the key.", "authentication_error",
                code: "invalid_api_key");
        }

        context.Items[ClientItem] = client ?? "nobody";
        return next(context);
    }

    // Said when the response begins, so that an error, which clears what was said before, can be read by the page as well.
    private static void Allow(HttpContext context, string origin)
    {
        IHeaderDictionary asked = context.Request.Headers;
        context.Response.OnStarting(() =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.AccessControlAllowOrigin = origin;
            headers.Append(HeaderNames.Vary, HeaderNames.Origin);
            headers.AccessControlExposeHeaders = Exposed;
            if (IsPreflight(context.Request))
            {
                // Clients send names of their own (X-Stainless-…) that nobody can list; none of them opens what a key keeps shut.
                headers.AccessControlAllowMethods = "GET, POST, DELETE";
                headers.AccessControlAllowHeaders = asked.AccessControlRequestHeaders;
                headers.AccessControlMaxAge = "600";
                headers.Append(HeaderNames.Vary, HeaderNames.AccessControlRequestHeaders);
            }

            return Task.CompletedTask;
        });
    }

    private static bool IsPreflight(HttpRequest request) => HttpMethods.IsOptions(request.Method) && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod);

    // What the browser itself says of the page holds behind proxies too, which may hide the scheme and the name it knows; pages can't set it.
    private static bool IsOwnPage(HttpRequest request, string origin) =>
        request.Headers[FetchSite] == "same-origin" || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);

    private bool IsOwn(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out _)) || _hosts.Contains(host);
}
