using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace NexusGen.Server.Mcp;

/// <summary>What the server says of itself to assistants.</summary>
internal static class McpSetup
{
    /// <summary>How arguments are read.</summary>
    private static JsonSerializerOptions Json => McpJsonUtilities.DefaultOptions;

    /// <summary>Adds the tools, and that whoever calls them wrongly is told what is wrong.</summary>
    public static void AddTools(IMcpServerBuilder builder)
    {
        builder.WithTools<PictureTools>(Json)
            .WithRequestFilters(filters => filters.AddCallToolFilter(ToolArguments.Explain))
            .WithMessageFilters(filters => filters.AddIncomingFilter(ToolArguments.Refuse));

        // The protocol's library writes names and messages of its callers into the log. What goes wrong in the tools themselves
        // stands there all the same, without them (ErrorTranslation).
        builder.Services.AddLogging(logging => logging.AddFilter("ModelContextProtocol", LogLevel.None));
    }

    /// <summary>Sets name, version and instructions.</summary>
    public static void Describe(McpServerOptions options)
    {
        options.ServerInfo = new Implementation
        {
            Name = "nexusgen",
            Title = "Nexus-Gen",
            Version = typeof(McpSetup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
        };
        options.ServerInstructions =
            "Draws, edits, describes and compares pictures. Every drawn picture has a name (picture_…): use it to edit, describe or compare that picture.";
    }
}
