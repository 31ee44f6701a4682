using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace NexusGen.Server.Mcp;

/// <summary>Configures the server of the Model Context Protocol.</summary>
internal static class McpSetup
{
    private static JsonSerializerOptions Json => McpJsonUtilities.DefaultOptions;

    /// <summary>Adds the tools, and the messages for wrong calls.</summary>
    public static void AddTools(IMcpServerBuilder builder)
    {
        builder.WithTools<ImageTools>(Json)
            .WithRequestFilters(filters => filters
                .AddCallToolFilter(next => (request, cancellationToken) => Calls(request.Server).RunAsync(
                    request.JsonRpcRequest.Id, cancellation => next(request, cancellation), cancellationToken))
                .AddCallToolFilter(ToolArguments.Explain)
                .AddListToolsFilter(ToolLoras.Describe))
            .WithMessageFilters(filters => filters
                .AddIncomingFilter(ToolArguments.Refuse)
                .AddIncomingFilter(next => (context, cancellationToken) =>
                {
                    Calls(context.Server).Hear(context.JsonRpcMessage);
                    return next(context, cancellationToken);
                }));
        builder.Services.TryAddSingleton<CallsInProgress>();

        // The protocol's library logs names and messages of its callers. Errors of the tools are logged without them
        // (ErrorTranslation).
        builder.Services.AddLogging(logging => logging.AddFilter("ModelContextProtocol", LogLevel.None));
    }

    private static CallsInProgress Calls(McpServer server) => server.Services!.GetRequiredService<CallsInProgress>();

    /// <summary>Sets the name, version and instructions.</summary>
    public static void Describe(McpServerOptions options)
    {
        var version = typeof(McpSetup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        options.ServerInfo = new Implementation
        {
            Name = "nexusgen",
            Title = "Nexus-Gen",
            Version = version?.InformationalVersion ?? "0",
        };
        options.ServerInstructions =
            "Draws, edits, describes and compares pictures. Every drawn picture has a name (picture_…): "
            + "use it to edit, describe or compare that picture.";
    }
}
