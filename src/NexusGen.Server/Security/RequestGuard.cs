using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
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

            context.Response.Headers.AccessControlAllowOrigin = origin;
            context.Response.Headers.Vary = "Origin";
            context.Response.Headers.AccessControlAllowMethods = "GET, POST, DELETE";
            context.Response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type";
            context.Response.Headers.AccessControlMaxAge = "600";
        }

        // A browser's question before a request leads to that request's endpoint, which it must never reach.
        if (HttpMethods.IsOptions(request.Method) && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod))
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

    // What the browser itself says of the page holds behind proxies too, which may hide the scheme and the name it knows; pages can't set it.
    private static bool IsOwnPage(HttpRequest request, string origin) =>
        request.Headers[FetchSite] == "same-origin" || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);

    private bool IsOwn(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out _)) || _hosts.Contains(host);
}
