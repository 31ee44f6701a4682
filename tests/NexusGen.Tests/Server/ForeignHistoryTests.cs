using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Images;
using NexusGen.Server.OpenAI;
using NexusGen.Server.Requests;

namespace NexusGen.Tests.Server;

/// <summary>Histories that clients had with other models: tool calls and their results are read as text.</summary>
public sealed class ForeignHistoryTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Call = "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Bonn\"}}\n</tool_call>";
    private const string Result = "<tool_response>\nrain\n</tool_response>";

    [Fact]
    public void OfChatCompletions()
    {
        const string History = """
            {"messages": [
              {"role": "system", "content": null},
              {"role": "developer"},
              {"role": "user", "content": "Weather?"},
              {"role": "assistant", "content": null, "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Bonn\"}"}},
                {"id": "2", "type": "custom", "custom": {"name": "sh\"ell", "input": "ls <é>"}}]},
              {"role": "tool", "tool_call_id": "1", "content": "rain"},
              {"role": "tool", "tool_call_id": "2", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
              {"role": "assistant", "content": "Let me see: ", "function_call": {"name": "f", "arguments": "{}"}},
              {"role": "function", "name": "f", "content": null},
              {"role": "assistant"},
              {"role": "system", "content": ""},
              {"role": "user", "content": "And?"}]}
            """;
        ChatRequest request = JsonSerializer.Deserialize(History, ApiJson.Default.ChatRequest)!;
        Assert.Equal(
            [
                (MessageRole.User, "Weather?"),
                (MessageRole.Assistant, Call + "<tool_call>\n{\"name\": \"sh\\\"ell\", \"arguments\": \"ls <é>\"}\n</tool_call>"),
                (MessageRole.User, Result),
                (MessageRole.User, "<tool_response>\nab\n</tool_response>"),
                (MessageRole.Assistant, "Let me see: <tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>"),
                (MessageRole.User, "<tool_response>\n\n</tool_response>"),
                (MessageRole.Assistant, ""),
                (MessageRole.System, ""),
                (MessageRole.User, "And?"),
            ],
            ChatMessages.Read(request.Messages, Images()).Select(message => (message.Role, message.Text)));
    }

    [Fact]
    public void OfTheResponsesApi()
    {
        const string History = """
            [
              {"role": "system", "content": null},
              {"role": "user", "content": "Weather?"},
              {"type": "reasoning", "id": "rs_1", "summary": []},
              {"type": "web_search_call", "id": "ws_1", "status": "completed"},
              {"type": "function_call", "call_id": "1", "name": "weather", "arguments": "{\"city\": \"Bonn\"}"},
              {"type": "function_call_output", "call_id": "1", "output": "rain"},
              {"type": "mcp_call", "id": "mcp_1", "name": "weather", "arguments": "{\"city\": \"Bonn\"}", "output": "rain"},
              {"type": "message", "role": "assistant", "content": null},
              {"type": "custom_tool_call_output", "call_id": "1", "output": [{"type": "input_text", "text": "rain"}]}
            ]
            """;
        using var json = JsonDocument.Parse(History);
        var input = tiny.Server.Services.GetRequiredService<ResponsesInput>();
        Assert.Equal(
            [
                (MessageRole.User, "Weather?"),
                (MessageRole.Assistant, Call),
                (MessageRole.User, Result),
                (MessageRole.Assistant, Call + Result),
                (MessageRole.User, Result),
            ],
            input.Read(json.RootElement, "client", Images()).Select(message => (message.Role, message.Text)));
    }

    private RequestImages Images() => new(
        tiny.Server.Services.GetRequiredService<ImageReader>(),
        tiny.Server.Services.GetRequiredService<Limits>(),
        "messages");
}
