using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace NexusGen.Server.Mcp;

/// <summary>
/// Explains calls whose arguments don't match the tool; the protocol's library says only that something is wrong. The tools
/// report all other errors themselves (<see cref="ImageTools"/>).
/// </summary>
internal static class ToolArguments
{
    /// <summary>Filters calls. Errors before the tool starts are reported to the assistant, which can correct its call.</summary>
    public static McpRequestHandler<CallToolRequestParams, CallToolResult> Explain(
        McpRequestHandler<CallToolRequestParams, CallToolResult> next) =>
        async (request, cancellationToken) =>
        {
            try
            {
                return await next(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException
                && request.MatchedPrimitive is McpServerTool)
            {
                Tool tool = ((McpServerTool)request.MatchedPrimitive!).ProtocolTool;
                string sentence = Wrong(tool.InputSchema, request.Params?.Arguments ?? new Dictionary<string, JsonElement>())
                    ?? $"The arguments are not what {tool.Name} takes: see its input schema.";
                return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = sentence }] };
            }
        };

    /// <summary>Filters messages. Malformed parameters are reported as an error of the caller.</summary>
    public static McpMessageHandler Refuse(McpMessageHandler next) =>
        async (context, cancellationToken) =>
        {
            try
            {
                await next(context, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException && context.JsonRpcMessage is JsonRpcRequest)
            {
                // Not as the inner exception, whose message contains what the caller wrote.
                throw new McpProtocolException(
                    "The parameters are not what this method takes, or hold text that is not valid Unicode.",
                    McpErrorCode.InvalidParams);
            }
        };

    private static string? Wrong(JsonElement schema, IDictionary<string, JsonElement> arguments)
    {
        string[] required = schema.TryGetProperty("required", out JsonElement names)
            ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
            : [];
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

    // A type is a string, or an array of strings that includes "null".
    private static string? Wrong(JsonElement type, JsonElement value)
    {
        string[] kinds = type.ValueKind == JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(kind => kind.GetString()!)]
            : [type.GetString()!];
        bool fits = value.ValueKind switch
        {
            JsonValueKind.Null => kinds.Contains("null"),
            JsonValueKind.String => kinds.Contains("string"),
            JsonValueKind.Array => kinds.Contains("array")
                && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String),
            JsonValueKind.Number => kinds.Contains("integer") && value.TryGetInt64(out _),
            _ => false,
        };
        return fits ? null
            : kinds.Contains("integer") ? "a whole number, and not too large a one"
            : kinds.Contains("array") ? "a list of texts"
            : "a text";
    }
}
