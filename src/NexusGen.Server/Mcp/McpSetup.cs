using System.Reflection;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace NexusGen.Server.Mcp;

/// <summary>What the server says of itself to assistants.</summary>
internal static class McpSetup
{
    /// <summary>How arguments are read.</summary>
    public static JsonSerializerOptions Json => McpJsonUtilities.DefaultOptions;

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
