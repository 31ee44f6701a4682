using System.Collections.Concurrent;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using NexusGen.Cli;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Server;

/// <summary>
/// The official client library of the Model Context Protocol uses the tools, over HTTP and over standard input and output.
/// </summary>
public sealed class McpTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private static readonly string[] Tools = ["compare_pictures", "describe_picture", "draw_picture", "edit_picture"];

    [Fact]
    public async Task OverHttpItDrawsEditsDescribesAndCompares()
    {
        await using McpClient client = await HttpClientAsync(tiny.Server);
        await UseAllAsync(client, tiny.Model);
    }

    [Fact]
    public async Task OverStandardInputAndOutputToo()
    {
        using var folder = new TemporaryFolder();
        ImageFile.Write(folder["star.png"], await DrawnAsync(tiny.Model, "a red star"));
        var transport = new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = "dotnet",
            Arguments =
            [
                typeof(CommandLine).Assembly.Location, "mcp", "--folder", folder.Path, "--model", ModelFinder.FindTiny()
            ],
        });

        // While other tests run, a program may take longer to start than the five seconds of the client's first request.
        await using McpClient client = await McpClient.CreateAsync(
            transport,
            new McpClientOptions { DiscoverProbeTimeout = Timeout.InfiniteTimeSpan });
        await UseAllAsync(client, tiny.Model);

        // A file in the folder may be named by its path, files in other folders may not.
        CallToolResult described = await CallAsync(client, "describe_picture", ("picture", folder["star.png"]));
        Assert.Contains("red", Text(described));
        CallToolResult refused = await CallAsync(client, "describe_picture", ("picture", typeof(McpTests).Assembly.Location));
        Assert.True(refused.IsError);
        Assert.Contains("--folder", Text(refused));

        // A path in the folder that is not a file.
        Directory.CreateDirectory(folder["album"]);
        CallToolResult album = await CallAsync(client, "describe_picture", ("picture", folder["album"]));
        Assert.True(album.IsError);
        Assert.Contains("no file that this server can read", Text(album));
    }

    [Fact]
    public async Task WrongCallsAreToldToTheAssistant()
    {
        await using McpClient client = await HttpClientAsync(tiny.Server);
        foreach ((string tool, (string, object?)[] arguments, string sentence) in ((string, (string, object?)[], string)[])
            [
                ("draw_picture", [("prompt", " ")], "The text is empty"),
                ("draw_picture", [("prompt", "x"), ("size", "huge")], "size must be auto"),
                ("draw_picture", [("prompt", "x"), ("count", 1000)], "count is 1000, but it must be between 1 and"),
                ("edit_picture", [("picture", "picture_none"), ("instruction", "x")], "There is no picture_none"),
                ("draw_picture", [], "prompt is missing"),
                ("draw_picture", [("prompt", 7)], "prompt must be a text"),
                ("draw_picture", [("prompt", "x"), ("steps", "many")], "steps must be a whole number"),
                ("draw_picture", [("prompt", "x"), ("seed", 1e30)], "seed must be a whole number"),
                ("describe_picture", [("picture", new[] { "x" })], "picture must be a text"),
                ("describe_picture", [("picture", "")], "the picture has no name"),
                ("edit_picture", [("picture", "  "), ("instruction", "x")], "the picture has no name"),
                ("compare_pictures", [("first", "data:image/png;base64,AAAA"), ("second", "")], "the picture has no name"),
                ("describe_picture", [("picture", "star\0.png")], "may read"),
                ("describe_picture", [("picture", "/etc/passwd")], "may read"),
                ("describe_picture", [("picture", "http://127.0.0.1/cat.png")], "does not fetch from"),
                ("describe_picture", [("picture", "data:image/png;base64,AAAA")], "picture:"),
            ])
        {
            CallToolResult result = await CallAsync(client, tool, arguments);
            Assert.True(result.IsError, tool);
            Assert.Contains(sentence, Text(result));
        }
    }

    // More images than fit into one batch: each batch has its own steps.
    [Fact]
    public async Task ProgressOnlyRisesThroughAllPicturesOfACall()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options => options.MaxCount = 84);
        await using McpClient client = await HttpClientAsync(server);
        List<ProgressNotificationValue> heard = [];
        var progress = new Progress(value =>
        {
            lock (heard)
            {
                heard.Add(value);
            }
        });
        CallToolResult drawn = await client.CallToolAsync(
            "draw_picture",
            new Dictionary<string, object?> { ["prompt"] = "a red star", ["size"] = "112x112", ["count"] = 84, ["steps"] = 3 },
            progress);
        Assert.Equal(84, drawn.Content.OfType<ImageContentBlock>().Count());

        // The client forwards each notification separately, so they may arrive in another order, and after the result.
        Assert.True(
            SpinWait.SpinUntil(() => Heard().Length >= 6, TimeSpan.FromSeconds(30)),
            $"{Heard().Length} notifications came.");
        ProgressNotificationValue[] told = [.. Heard().OrderBy(value => value.Progress)];
        Assert.Equal([1, 2, 3, 4, 5, 6], told.Select(value => value.Progress));
        Assert.All(told, value => Assert.Equal(6, value.Total));
        Assert.Equal("batch 2 of 2, step 1 of 3", told[3].Message);

        ProgressNotificationValue[] Heard()
        {
            lock (heard)
            {
                return [.. heard];
            }
        }
    }

    [Fact]
    public void ProgressOnlyRisesThroughAllPicturesOfAReply()
    {
        ReplyUpdate[] updates =
        [
            new ReplyUpdate.ImageStarted(0), new ReplyUpdate.TextDelta("and"), new ReplyUpdate.ImageStarted(1),
            .. from index in Enumerable.Range(0, 2) from batch in Enumerable.Range(0, 2) from step in Enumerable.Range(1, 3)
               select new ReplyUpdate.Denoising(index, step, 3) { Batch = batch, Batches = 2 },
        ];
        var painting = new NexusGen.Server.Mcp.GenerationProgress();
        ProgressNotificationValue[] told = [.. updates.Select(painting.After).OfType<ProgressNotificationValue>()];
        Assert.Equal(Enumerable.Range(1, 12).Select(step => (float)step), told.Select(value => value.Progress));
        Assert.All(told, value => Assert.Equal(12, value.Total));
    }

    [Theory]
    [InlineData("""{"name":"describe_picture","arguments":{"picture":"\ud800"}}""", "not valid Unicode")]
    [InlineData("""{"name":"describe_picture","arguments":{"\ud800":1}}""", "-32602")]
    [InlineData("""{"name":"describe_picture","arguments":[]}""", "-32602")]
    [InlineData("""{"name":"my secret tool"}""", "-32602")]
    public async Task CallsThatNoClientMakesAreTheCallersFaultToo(string parameters, string said)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = new StringContent(
                $$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{parameters}}}""",
                System.Text.Encoding.UTF8,
                "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        using HttpResponseMessage response = await tiny.Server.Http.SendAsync(request);
        Assert.Contains(said, await response.Content.ReadAsStringAsync());
        Assert.DoesNotContain(tiny.Server.Log.Lines, line => line.Contains("my secret tool", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ACallThatIsCancelledEnds()
    {
        await using McpClient client = await HttpClientAsync(tiny.Server);
        using var cancel = new CancellationTokenSource();
        var progress = new Progress(_ => cancel.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.CallToolAsync(
            "draw_picture",
            new Dictionary<string, object?> { ["prompt"] = "a red star", ["steps"] = 100, ["size"] = "1024x1024" },
            progress,
            cancellationToken: cancel.Token));
        var queue = (NexusGen.Server.Scheduling.WorkQueue)tiny.Server.Services.GetService(
            typeof(NexusGen.Server.Scheduling.WorkQueue))!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (queue.Running > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    [Fact]
    public async Task AKeyIsAskedForAndPicturesAreTheirOwners()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.ApiKeys.Add("my-own-key");
            options.ApiKeys.Add("your-own-key");
        });
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await HttpClientAsync(server));
        await using McpClient mine = await HttpClientAsync(server, "my-own-key");
        await using McpClient yours = await HttpClientAsync(server, "your-own-key");
        string name = Name(await CallAsync(mine, "draw_picture", ("prompt", "a red star"), ("steps", 1)));
        Assert.NotEqual(true, (await CallAsync(mine, "describe_picture", ("picture", name))).IsError);
        Assert.True((await CallAsync(yours, "describe_picture", ("picture", name))).IsError);
    }

    // The client drops what arrives after the result: there must be work for some time.
    private static async Task HearProgressAsync(McpClient client)
    {
        ConcurrentQueue<ProgressNotificationValue> heard = [];
        CallToolResult drawn = await client.CallToolAsync(
            "draw_picture",
            new Dictionary<string, object?> { ["prompt"] = "a red star", ["steps"] = 100 },
            new Progress(heard.Enqueue));
        Assert.NotEqual(true, drawn.IsError);
        Assert.Contains(heard, value => value.Total is > 0 && value.Progress > 0);
    }

    private static async Task UseAllAsync(McpClient client, NexusGenModel model)
    {
        Assert.Equal("nexusgen", client.ServerInfo?.Name);
        IList<McpClientTool> tools = await client.ListToolsAsync();
        Assert.Equal(Tools, tools.Select(tool => tool.Name).Order());
        Assert.All(tools, tool => Assert.False(string.IsNullOrWhiteSpace(tool.Description)));

        CallToolResult drawn = await CallAsync(client, "draw_picture", ("prompt", "a red star"), ("seed", 52));
        Assert.NotEqual(true, drawn.IsError);
        Assert.True((await DrawnAsync(model, "a red star")).Pixels.SequenceEqual(Picture(drawn).Pixels));
        Assert.Contains("seed 52", Text(drawn));

        await HearProgressAsync(client);
        CallToolResult described = await CallAsync(client, "describe_picture", ("picture", Name(drawn)));
        Assert.Contains("red", Text(described));
        CallToolResult edited = await CallAsync(
            client,
            "edit_picture",
            ("picture", Name(drawn)),
            ("instruction", "make the background white"));
        Assert.False(Picture(drawn).Pixels.SequenceEqual(Picture(edited).Pixels));
        CallToolResult compared = await CallAsync(client, "compare_pictures", ("first", Name(drawn)), ("second", Name(edited)));
        Assert.NotEqual("", Text(compared));
    }

    private static Task<McpClient> HttpClientAsync(TestServer server, string? key = null) =>
        McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(server.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = key is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
        }));

    private static async Task<CallToolResult> CallAsync(
        McpClient client, string tool, params (string Name, object? Value)[] arguments) =>
        await client.CallToolAsync(tool, arguments.ToDictionary(argument => argument.Name, argument => argument.Value));

    private static async Task<RgbImage> DrawnAsync(NexusGenModel model, string prompt) =>
        (await model.GenerateAsync(new GenerateRequest(prompt))).Images[0].Image;

    private static string Text(CallToolResult result) =>
        string.Concat(result.Content.OfType<TextContentBlock>().Select(block => block.Text));

    private static string Name(CallToolResult result) => Text(result).Split(':')[0];

    private static RgbImage Picture(CallToolResult result) =>
        ImageFile.Read(Assert.Single(result.Content.OfType<ImageContentBlock>()).DecodedData.Span);

    private sealed class Progress(Action<ProgressNotificationValue> report) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => report(value);
    }
}
