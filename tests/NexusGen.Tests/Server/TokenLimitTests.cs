using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace NexusGen.Tests.Server;

/// <summary>The limit on reply tokens applies to all requests, even to those that can't set the length of a reply.</summary>
public sealed class TokenLimitTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const int Most = 3;

    // An image takes as many tokens as the small model uses for it, and one each to open and to close it.
    private const int Picture = 4 * 4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfPictures(bool stream)
    {
        int free = await OutputTokensAsync(tiny.Server, stream);
        await using TestServer server = await BoundedAsync();
        int bounded = await OutputTokensAsync(server, stream);
        Assert.InRange(bounded, Picture, Picture + 2 + Most);
        Assert.True(free > bounded);
    }

    [Fact]
    public async Task OfWordsInTheStudioAndOfTools()
    {
        await using TestServer server = await BoundedAsync();
        (string studio, string tool) = (await StudioAsync(server), await DescribeAsync(server));
        Assert.True(studio.Length < (await StudioAsync(tiny.Server)).Length, studio);
        Assert.True(tool.Length < (await DescribeAsync(tiny.Server)).Length, tool);
    }

    private Task<TestServer> BoundedAsync() => TestServer.StartAsync(tiny.Model, options => options.MaxTokens = Most);

    private static async Task<int> OutputTokensAsync(TestServer server, bool stream)
    {
        using HttpResponseMessage response = await server.PostAsync(
            "/v1/images/generations",
            new JsonObject { ["prompt"] = "a red star", ["steps"] = 1, ["stream"] = stream });
        string body = await response.Content.ReadAsStringAsync();
        string json = stream
            ? body.Split('\n').Last(line => line.StartsWith("data: {", StringComparison.Ordinal))["data: ".Length..]
            : body;
        return (int)JsonNode.Parse(json)!["usage"]!["output_tokens"]!;
    }

    private static async Task<string> StudioAsync(TestServer server)
    {
        var studio = new StudioClient(server.Http);
        JsonObject turn = StudioClient.Turn("what is in this picture?", pictures: await studio.BringAsync(await CatAsync()));
        return StudioClient.Text(await studio.AskAsync(turn));
    }

    private static async Task<string> DescribeAsync(TestServer server)
    {
        await using McpClient client = await McpClient.CreateAsync(new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Endpoint = new Uri(server.Address, "/mcp"),
                TransportMode = HttpTransportMode.StreamableHttp
            }));
        CallToolResult result = await client.CallToolAsync(
            "describe_picture",
            new Dictionary<string, object?>
            {
                ["picture"] = $"data:image/png;base64,{Convert.ToBase64String(await CatAsync())}"
            });
        return string.Concat(result.Content.OfType<TextContentBlock>().Select(block => block.Text));
    }

    private static Task<byte[]> CatAsync() => File.ReadAllBytesAsync(Path.Combine(ReferenceFolder.Path, "images", "cat.png"));
}
