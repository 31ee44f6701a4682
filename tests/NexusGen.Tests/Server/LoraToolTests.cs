using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using NexusGen.Cli;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Server;

/// <summary>Assistants name LoRAs in calls of tools (MCP).</summary>
public sealed class LoraToolTests(LoraServer lora) : IClassFixture<LoraServer>
{
    [Fact]
    public async Task ToolsTellTheNamesAndUseThem()
    {
        await using McpClient client = await ClientAsync(lora.Server);
        IList<McpClientTool> tools = await client.ListToolsAsync();
        Assert.Equal(4, tools.Count);
        foreach (McpClientTool tool in tools)
        {
            string schema = tool.JsonSchema.GetProperty("properties").GetProperty("loras").GetRawText();
            Assert.Contains("There are: foreign, style, sub/other, talk.", schema);
            Assert.Contains("\"array\"", schema);
        }

        string plain = await DrawAsync(client), style = await DrawAsync(client, "style=0.5");
        Assert.NotEqual(plain, style);
        Assert.Equal(style, await DrawAsync(client, "style=0.25", "style=0.25"));
        Assert.Equal(plain, await DrawAsync(client));
        Assert.NotEqual(await DescribeAsync(client), await DescribeAsync(client, "talk=1.5"));
    }

    [Theory]
    [InlineData("There is no such LoRA here", "none")]
    [InlineData("There is no such LoRA here", "../style")]
    [InlineData("must be a number", "style=x")]
    [InlineData("broken.safetensors", "broken")]
    [InlineData("foreign.safetensors", "foreign")]
    public async Task WrongOnesAreToldToTheAssistant(string sentence, string name)
    {
        await using McpClient client = await ClientAsync(lora.Server);
        string told = await DrawAsync(client, name);
        Assert.Contains(sentence, told);
        Assert.DoesNotContain(lora.Folder, told);
    }

    [Fact]
    public async Task AnotherTypeIsRefusedAndAServerWithoutLorasHasNoArgument()
    {
        await using (McpClient client = await ClientAsync(lora.Server))
        {
            foreach (object wrong in (object[])["style", new[] { 7 }])
            {
                CallToolResult result = await client.CallToolAsync(
                    "draw_picture", new Dictionary<string, object?> { ["prompt"] = "x", ["loras"] = wrong });
                Assert.True(result.IsError);
                Assert.Contains("loras must be a list of texts", Text(result));
            }
        }

        await using TestServer server = await TestServer.StartAsync(lora.Opened);
        await using McpClient without = await ClientAsync(server);
        Assert.All(
            await without.ListToolsAsync(),
            tool => Assert.False(tool.JsonSchema.GetProperty("properties").TryGetProperty("loras", out _)));
    }

    [Fact]
    public async Task OverStandardInputAndOutputToo()
    {
        var transport = new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = "dotnet",
            Arguments =
            [
                typeof(CommandLine).Assembly.Location, "mcp", "--loras", lora.Folder, "--model", ModelFinder.FindTiny(),
            ],
        });
        await using McpClient client = await McpClient.CreateAsync(
            transport, new McpClientOptions { DiscoverProbeTimeout = Timeout.InfiniteTimeSpan });
        McpClientTool draw = (await client.ListToolsAsync()).Single(tool => tool.Name == "draw_picture");
        Assert.Contains("sub/other", draw.JsonSchema.GetRawText());
        Assert.NotEqual(await DrawAsync(client), await DrawAsync(client, "style"));
    }

    private static Task<McpClient> ClientAsync(TestServer server) =>
        McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(server.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
        }));

    // The file in base64, or the error.
    private static async Task<string> DrawAsync(McpClient client, params string[] loras)
    {
        CallToolResult drawn = await client.CallToolAsync("draw_picture", new Dictionary<string, object?>
        {
            ["prompt"] = "a red star",
            ["seed"] = 7,
            ["steps"] = 1,
            ["loras"] = loras.Length == 0 ? null : loras,
        });
        return drawn.Content.OfType<ImageContentBlock>().FirstOrDefault() is { } image
            ? Convert.ToBase64String(image.DecodedData.Span)
            : Text(drawn);
    }

    private static async Task<string> DescribeAsync(McpClient client, params string[] loras) =>
        Text(await client.CallToolAsync("describe_picture", new Dictionary<string, object?>
        {
            ["picture"] = "data:image/png;base64,"
                + Convert.ToBase64String(File.ReadAllBytes(Path.Combine(ReferenceFolder.Path, "images", "cat.png"))),
            ["loras"] = loras.Length == 0 ? null : loras,
        }));

    private static string Text(CallToolResult result) =>
        string.Concat(result.Content.OfType<TextContentBlock>().Select(block => block.Text));
}
