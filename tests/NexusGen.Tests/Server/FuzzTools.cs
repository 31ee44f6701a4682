using System.Text;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>
/// Malformed messages to <c>/mcp</c>: tool calls with arguments of other types, other methods, and data that is not a message at
/// all.
/// </summary>
/// <param name="values">Creates the values of the messages.</param>
/// <param name="tools">The tools as the server lists them.</param>
internal sealed class FuzzTools(FuzzValues values, JsonArray tools)
{
    private static readonly string[] Methods =
    [
        "initialize", "ping", "tools/list", "tools/call", "prompts/list", "prompts/get", "resources/read", "resources/subscribe",
        "logging/setLevel", "completion/complete", "server/discover", "notifications/initialized", "notifications/cancelled",
        "notifications/progress", "nonsense", "",
    ];

    /// <summary>Returns a message of the protocol, valid or malformed.</summary>
    public HttpRequestMessage Next()
    {
        string parameters = values.Chance(0.75) ? Call() : values.Pick([
            "{}", "[]", "null", "7", "\"x\"", "{\"name\":null}", "{\"_meta\":7}", "{\"level\":\"loud\"}", "{\"requestId\":{}}",
            "{\"uri\":\"\\ud800\"}"
        ]);
        string method = values.Chance(0.75) ? "tools/call" : values.Pick(Methods);
        string id = values.Chance(0.9)
            ? "1"
            : values.Pick(["null", "\"x\"", "1.5", "{}", "[]", "9223372036854775808", "\"\\ud800\"", "-1"]);
        string message =
            $"{{\"jsonrpc\":{(values.Chance(0.97) ? "\"2.0\"" : values.Pick(["\"1.0\"", "2", "null"]))},"
            + $"{(values.Chance(0.97) ? $"\"id\":{id}," : "")}\"method\":{FuzzValues.Quote(method)},\"params\":{parameters}}}";
        message = values.Chance(0.03) ? $"[{message},{message}]"
            : values.Chance(0.02) ? $"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{parameters}}}"
            : message;
        var request = new HttpRequestMessage(
            values.Chance(0.97) ? HttpMethod.Post : values.Pick([HttpMethod.Get, HttpMethod.Delete, HttpMethod.Put]),
            "/mcp")
        {
            Content = new StringContent(
                values.Spoil(message),
                Encoding.UTF8,
                values.Chance(0.97) ? "application/json" : "text/plain"),
        };
        request.Headers.TryAddWithoutValidation(
            "Accept",
            values.Chance(0.97) ? "application/json, text/event-stream" : values.Pick(["*/*", "text/html", "nonsense"]));
        if (values.Chance(0.05))
        {
            request.Headers.TryAddWithoutValidation(
                "MCP-Protocol-Version",
                values.Pick(["2025-06-18", "2024-11-05", "9999-99-99", "x", ""]));
        }

        if (values.Chance(0.02))
        {
            request.Headers.TryAddWithoutValidation(
                "Mcp-Session-Id",
                values.Pick(["x", "00000000-0000-0000-0000-000000000000", new string('s', 3000)]));
        }

        return request;
    }

    private string Call()
    {
        JsonNode tool = values.Pick<JsonNode>([.. tools.Select(tool => tool!)]);
        string name = values.Chance(0.95)
            ? FuzzValues.Quote((string)tool["name"]!)
            : values.Pick(["null", "7", "\"\"", "\"draw\"", "\"\\udfff\"", "{}"]);
        return $"{{\"name\":{name},\"arguments\":{values.Value(tool["inputSchema"]!, 0)}}}";
    }
}
