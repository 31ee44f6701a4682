using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;

namespace NexusGen.Server.Http;

/// <summary>
/// Marks an endpoint of this server: its checks, bounds and form of errors are for those alone, and not for whatever else an
/// application serves.
/// </summary>
/// <param name="options">The bounds.</param>
internal sealed class OwnEndpoint(IOptions<NexusGenServerOptions> options) : IRequestSizeLimitMetadata
{
    /// <inheritdoc/>
    public long? MaxRequestBodySize => options.Value.MaxBodyBytes;

    /// <summary>Whether a request was routed to such an endpoint.</summary>
    public static bool IsMeant(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<OwnEndpoint>() is not null;

    /// <summary>Where endpoints are mapped that bear the mark.</summary>
    public static RouteGroupBuilder Group(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("").WithMetadata(new OwnEndpoint(routes.ServiceProvider.GetRequiredService<IOptions<NexusGenServerOptions>>()));

        // What a browser asks before a request of another page's must be routed to the request's endpoint, to be checked as it is.
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            foreach (IHttpMethodMetadata methods in endpoint.Metadata.OfType<IHttpMethodMetadata>())
            {
                methods.AcceptCorsPreflight = true;
            }
        });
        return group;
    }
}
