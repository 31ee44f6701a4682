using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace NexusGen.Server.Mcp;

/// <summary>
/// Says what is wrong with a call whose arguments don't fit the tool: the protocol's library itself says only that something is.
/// The tools answer all else themselves (<see cref="PictureTools"/>).
/// </summary>
internal static class ToolArguments
{
    /// <summary>A filter of calls: what fails before the tool begins is told to the assistant, which may do better then.</summary>
    public static McpRequestHandler<CallToolRequestParams, CallToolResult> Explain(McpRequestHandler<CallToolRequestParams, CallToolResult> next) =>
        async (request, cancellationToken) =>
        {
            try
            {
                return await next(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException && request.MatchedPrimitive is McpServerTool)
            {
                Tool tool = ((McpServerTool)request.MatchedPrimitive!).ProtocolTool;
                string sentence = Wrong(tool.InputSchema, request.Params?.Arguments ?? new Dictionary<string, JsonElement>())
                    ?? $"The arguments are not what {tool.Name} takes: see its input schema.";
                return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = sentence }] };
            }
        };

    /// <summary>A filter of messages: parameters that are no parameters are the caller's fault.</summary>
    public static McpMessageHandler Refuse(McpMessageHandler next) =>
        async (context, cancellationToken) =>
        {
            try
            {
                await next(context, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException && context.JsonRpcMessage is JsonRpcRequest)
            {
                // Not as inner exception: its words hold what the caller wrote.
                throw new McpProtocolException("The parameters are not what this method takes, or hold text that is not valid Unicode.", McpErrorCode.InvalidParams);
            }
        };

    private static string? Wrong(JsonElement schema, IDictionary<string, JsonElement> arguments)
    {
        string[] required = schema.TryGetProperty("required", out JsonElement names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
        foreach (JsonProperty property in schema.GetProperty("properties").EnumerateObject())
        {
            bool given = arguments.TryGetValue(property.Name, out JsonElement value);
            if (!given && required.Contains(property.Name))
            {
                return $"{property.Name} is missing.";
            }

            if (given && Wrong(property.Value.GetProperty("type"), value) is { } expected)
            {
                return $"{property.Name} must be {expected}.";
            }
        }

        return null;
    }

    // A type is a word, or several of which one is "null".
    private static string? Wrong(JsonElement type, JsonElement value)
    {
        string[] kinds = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(kind => kind.GetString()!)] : [type.GetString()!];
        bool fits = value.ValueKind switch
        {
            JsonValueKind.Null => kinds.Contains("null"),
            JsonValueKind.String => kinds.Contains("string"),
            JsonValueKind.Number => kinds.Contains("integer") && value.TryGetInt64(out _),
            _ => false,
        };
        return fits ? null : kinds.Contains("integer") ? "a whole number, and not too large a one" : "a text";
    }
}
