using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Security;

/// <summary>Lets web pages of allowed origins read responses, by ASP.NET Core's CORS.</summary>
internal static class CorsSetup
{
    /// <summary>The name of the policy. Policies of the application are independent of it.</summary>
    public const string Policy = "NexusGen";

    /// <summary>Adds the policy.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<NexusGenServerOptions>>((cors, server) =>
        {
            HashSet<string> origins = new(server.Value.Origins, StringComparer.OrdinalIgnoreCase);

            // Clients send headers of their own (X-Stainless-…) that can't be listed. None of them replaces a key.
            cors.AddPolicy(Policy, policy => policy
                .SetIsOriginAllowed(origins.Contains)
                .WithMethods("GET", "HEAD", "POST", "DELETE")
                .AllowAnyHeader()
                .WithExposedHeaders("Retry-After", ErrorHandling.RequestIdHeader, "Mcp-Session-Id", "Content-Disposition")
                .SetPreflightMaxAge(TimeSpan.FromMinutes(10)));
        });
    }
}
