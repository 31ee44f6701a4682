using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>What OpenAI's API has and this server doesn't is refused, naming the field, and not ignored.</summary>
public sealed class UnsupportedRequestTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Theory]
    [InlineData("/v1/responses", """{"input":[{"type":"item_reference","id":"msg_none"}]}""", 404, "input[0].id")]
    [InlineData("/v1/responses", """{"input":[{"type":"item_reference"}]}""", 400, "input[0].id")]
    [InlineData("/v1/responses", """{"input":[{"type":"function_call","arguments":"{}"}]}""", 400, "input[0].name")]
    [InlineData("/v1/responses", """{"input":"x","text":{"format":{"type":"json_object"}}}""", 400, "text.format")]
    [InlineData(
        "/v1/responses", """{"input":"x","text":{"format":{"type":"json_schema","name":"x","schema":{}}}}""", 400, "text.format")]
    [InlineData("/v1/responses", """{"input":"x","text":{"format":{"type":"poem"}}}""", 400, "text.format.type")]
    [InlineData("/v1/responses", """{"input":"x","truncation":"some"}""", 400, "truncation")]
    [InlineData("/v1/responses", """{"input":"x","tool_choice":"maybe"}""", 400, "tool_choice")]
    [InlineData("/v1/responses", """{"input":"x","tool_choice":"required"}""", 400, "tool_choice")]
    [InlineData("/v1/responses", """{"input":"x","tool_choice":{"type":"function","name":"f"}}""", 400, "tool_choice")]
    [InlineData("/v1/responses", """{"input":"x","tool_choice":{"type":"web_search_preview"}}""", 400, "tool_choice")]
    [InlineData(
        "/v1/responses", """{"input":"x","tool_choice":{"type":"allowed_tools","mode":"required","tools":[]}}""", 400,
        "tool_choice")]
    [InlineData(
        "/v1/responses", """{"input":"x","tool_choice":{"type":"image_generation"},"picture":{"action":"ask"}}""", 400,
        "tool_choice")]
    [InlineData("/v1/responses", """{"input":"x","tool_choice":"none","picture":{"action":"draw"}}""", 400, "tool_choice")]
    [InlineData(
        "/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""", 400,
        "response_format")]
    [InlineData(
        "/v1/chat/completions",
        """{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"x"}}}""",
        400, "response_format")]
    [InlineData(
        "/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"tool_choice":"required"}""", 400, "tool_choice")]
    [InlineData(
        "/v1/chat/completions",
        """{"messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"function","function":{"name":"f"}}}""", 400,
        "tool_choice")]
    [InlineData(
        "/v1/chat/completions",
        """{"messages":[{"role":"assistant","tool_calls":[{"type":"function"}]},{"role":"user","content":"x"}]}""", 400,
        "messages[0].tool_calls[0].function")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":null}]}""", 400, "messages[0].content")]
    [InlineData("/v1/images/edits", """{"prompt":"x"}""", 400, "images")]
    [InlineData("/v1/images/edits", """{"prompt":"x","images":[null]}""", 400, "images[0].image_url")]
    [InlineData("/v1/images/edits", """{"prompt":"x","images":[{"file_id":"file_1"}]}""", 400, "images[0].file_id")]
    [InlineData("/v1/images/edits", """{"prompt":"x","mask":{"image_url":"data:,"},"images":[]}""", 400, "mask")]
    [InlineData("/v1/images/edits", """{"prompt":"x","images":[{"image_url":"data:image/png"}]}""", 400, "images[0].image_url")]
    public async Task WhatTheModelDoesNotHaveIsRefused(string path, string body, int status, string field)
    {
        using var content = new StringContent(body, null, "application/json");
        using HttpResponseMessage response = await tiny.Server.Http.PostAsync(path, content);
        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("invalid_request_error", (string?)error["type"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)error["message"]));
        Assert.Equal(field, (string?)error["param"]);
    }
}
