using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.Gateway;

/// <summary>
/// Refuses requests for which the queue has no room before their body is read: reading bodies, which can be large, would take the
/// processor from the requests that are computed.
/// </summary>
internal static class EarlyRefusal
{
    /// <summary>Handles a request.</summary>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<WaitsForModel>() is not null)
        {
            context.RequestServices.GetRequiredService<ModelGateway>().ThrowIfFull(ApiKeyGuard.ClientOf(context));
        }

        return next(context);
    }
}
