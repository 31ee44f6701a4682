using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;

namespace NexusGen.Server.Http;

/// <summary>
/// Marks an endpoint of this server. Its checks, limits and form of errors apply to these endpoints only, not to others of the
/// application.
/// </summary>
/// <param name="options">The limits.</param>
internal sealed class OwnEndpoint(IOptions<NexusGenServerOptions> options) : IRequestSizeLimitMetadata
{
    /// <inheritdoc/>
    public long? MaxRequestBodySize => options.Value.MaxBodyBytes;

    /// <summary>Returns whether a request was routed to an endpoint of this server.</summary>
    public static bool IsEndpointOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<OwnEndpoint>() is not null;

    /// <summary>Creates a group whose endpoints have the mark.</summary>
    public static RouteGroupBuilder Group(IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<IOptions<NexusGenServerOptions>>();
        RouteGroupBuilder group = routes.MapGroup("").WithMetadata(new OwnEndpoint(options));

        // HEAD is answered wherever GET is: the web server leaves the body out. A preflight request must be routed to the
        // endpoint of the request that it asks for, so that it is checked too.
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            for (int i = 0; i < endpoint.Metadata.Count; i++)
            {
                if (endpoint.Metadata[i] is IHttpMethodMetadata methods)
                {
                    string[] names = methods.HttpMethods.Contains(HttpMethods.Get)
                        ? [.. methods.HttpMethods.Union([HttpMethods.Head])]
                        : [.. methods.HttpMethods];
                    endpoint.Metadata[i] = new HttpMethodMetadata(names, acceptCorsPreflight: true);
                }
            }
        });
        return group;
    }
}
