using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using NexusGen.Server.Http;

namespace NexusGen.Server.Security;

/// <summary>
/// Requires an API key if the server has any, except for endpoints that allow anonymous requests (<see cref="IAllowAnonymous"/>),
/// and determines the client of a request.
/// </summary>
/// <remarks>
/// This is not an authentication scheme of ASP.NET Core, because schemes belong to the whole application: registering one removes
/// the automatic default of an application with a single scheme, and makes <c>WebApplication</c> run authentication for all
/// endpoints, before this server's proxies, CORS and form of errors. The application's own endpoints must not change.
/// </remarks>
internal sealed class ApiKeyGuard(RequestDelegate next, ApiKeys keys)
{
    private const string ClientItem = "NexusGen.Client";

    /// <summary>Returns the client of a request.</summary>
    public static string ClientOf(HttpContext context) => (string)context.Items[ClientItem]!;

    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        // A preflight request is routed to the endpoint of the request that it asks for, but must not execute it.
        if (HttpMethods.IsOptions(context.Request.Method)
            && context.Request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        string? client = keys.ClientOf(context);
        if (client is null && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            throw new ApiException(
                StatusCodes.Status401Unauthorized,
                "The request brings no key that this server knows: send Authorization: Bearer and the key.",
                "authentication_error",
                code: "invalid_api_key");
        }

        context.Items[ClientItem] = client ?? "anonymous";
        return next(context);
    }
}
