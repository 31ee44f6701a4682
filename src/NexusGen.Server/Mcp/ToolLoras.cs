using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using NexusGen.Server.Loras;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Mcp;

/// <summary>Tells assistants in the descriptions of the tools which LoRAs there are.</summary>
internal static class ToolLoras
{
    private const string Argument = "loras";

    /// <summary>
    /// Filters lists of tools. The argument for LoRAs names those that exist when the list is asked for; without any, tools don't
    /// have it.
    /// </summary>
    public static McpRequestHandler<ListToolsRequestParams, ListToolsResult> Describe(
        McpRequestHandler<ListToolsRequestParams, ListToolsResult> next) =>
        async (request, cancellationToken) =>
        {
            ListToolsResult result = await next(request, cancellationToken).ConfigureAwait(false);
            LoraNames names = (request.Services ?? request.Server.Services)!.GetRequiredService<Limits>().Loras;
            result.Tools = [.. result.Tools.Select(tool => Described(tool, names))];
            return result;
        };

    // A copy: the tools themselves belong to all requests.
    private static Tool Described(Tool tool, LoraNames names)
    {
        JsonNode? schema = JsonNode.Parse(tool.InputSchema.GetRawText());
        if (schema?["properties"] is not JsonObject properties || properties[Argument] is not JsonObject loras)
        {
            return tool;
        }

        if (names.Entries.Count == 0)
        {
            properties.Remove(Argument);
        }
        else
        {
            loras["description"] = $"{loras["description"]} There are: {names.List()}.";
        }

        return new Tool
        {
            Name = tool.Name,
            Title = tool.Title,
            Description = tool.Description,
            InputSchema = JsonSerializer.Deserialize<JsonElement>(schema),
            OutputSchema = tool.OutputSchema,
            Annotations = tool.Annotations,
            Icons = tool.Icons,
            Meta = tool.Meta,
        };
    }
}
