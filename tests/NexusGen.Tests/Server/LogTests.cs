using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace NexusGen.Tests.Server;

/// <summary>The log has no text, name or image of a caller, whatever the request and its fate.</summary>
public sealed class LogTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task NothingThatACallerWroteIsLogged()
    {
        await using TestServer server = await TestServer.StartAsync(
            tiny.Model,
            options => options.ApiKeys.Add("a-secret-key-123"));
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-secret-key-123");
        await server.AskAsync("/v1/images/generations", new JsonObject { ["prompt"] = "a hidden unicorn", ["steps"] = 1 });
        await server.AskAsync(
            "/v1/images/generations",
            new JsonObject { ["prompt"] = "a hidden unicorn", ["size"] = "unicornxunicorn" });
        await server.AskAsync("/v1/chat/completions", new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "a hidden unicorn" }),
            ["max_tokens"] = 2
        });
        await server.Http.PostAsync(
            "/v1/responses",
            new StringContent("{\"input\":\"a hidden unicorn", Encoding.UTF8, "application/json"));
        var studio = new StudioClient(server.Http);
        string conversation = await studio.CreateAsync("a hidden unicorn");
        List<JsonNode> events = await studio.AskAsync(StudioClient.Turn("a hidden unicorn", "draw", 1), conversation);
        Assert.Equal("done", StudioClient.Type(events[^1]));
        await studio.SendAsync(
            HttpMethod.Post, StudioClient.TurnsOf(conversation), StudioClient.Turn("a hidden unicorn", "unicorn"));
        await studio.SendAsync(
            HttpMethod.Patch, StudioClient.AddressOf(conversation), new JsonObject { ["title"] = "a unicorn" });
        await studio.SearchAsync("unicorn");
        await server.PostAsync("/studio/api/search", new JsonObject { ["words"] = "unicorn" });
        using var picture = new ByteArrayContent([1, 2, 3]);
        picture.Headers.TryAddWithoutValidation("Content-Type", "image/png");
        picture.Headers.TryAddWithoutValidation("X-Picture-Name", "unicorn.png");
        await server.Http.PostAsync("/studio/api/pictures", picture);
        await using (McpClient client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(server.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer a-secret-key-123" },
        })))
        {
            await client.CallToolAsync(
                "draw_picture",
                new Dictionary<string, object?> { ["prompt"] = "a hidden unicorn", ["steps"] = 1 });
            await client.CallToolAsync(
                "draw_picture",
                new Dictionary<string, object?> { ["prompt"] = "a hidden unicorn", ["size"] = "unicornxunicorn" });
            await client.CallToolAsync(
                "draw_picture",
                new Dictionary<string, object?> { ["prompt"] = new[] { "a hidden unicorn" } });
            await Assert.ThrowsAnyAsync<McpException>(async () => await client.CallToolAsync("draw_unicorn"));
        }

        Assert.NotEmpty(server.Log.Lines);
        Assert.DoesNotContain(
            server.Log.Lines.Concat(server.Log.Warnings),
            line => line.Contains("unicorn", StringComparison.OrdinalIgnoreCase)
                || line.Contains("a-secret-key", StringComparison.Ordinal)
                || line.Contains("iVBOR", StringComparison.Ordinal));
    }
}
