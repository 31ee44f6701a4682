using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;
using NexusGen.Cli.Core;
using NexusGen.Server.Scheduling;
using Xunit.Abstractions;

namespace NexusGen.Tests.Server;

/// <summary>Thousands of spoiled requests to every address of the OpenAPI document and to the tools: no error of the server's own, no hang, no leak.</summary>
[Collection(Alone.Name)]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly int[] Allowed = [200, 202, 204, 400, 401, 403, 404, 405, 406, 413, 415, 421, 429];

    // What callers are told of the server's own faults, by this server and by the library of its tools, whatever the status.
    private static readonly string[] Faults = ["Something went wrong in the server", "internal_error", "An error occurred", "-32603"];

    [Fact]
    public Task AFewHundredSpoiledRequests() => FuzzAsync(400, seed: 1);

    /// <summary>The long run: <c>dotnet test -c Release --filter ThousandsOfSpoiledRequests</c>.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public Task ThousandsOfSpoiledRequests() => FuzzAsync(20_000, seed: Environment.TickCount);

    private async Task FuzzAsync(int count, int seed)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        using var model = NexusGenModel.Open(ModelFinder.FindTiny());
        await using TestServer server = await TestServer.StartAsync(model, options =>
        {
            options.MaxSide = 32;
            options.MaxSteps = 2;
            options.MaxCount = 2;
            options.MaxTokens = 6;
            options.MaxTextLength = 2000;
            options.StoreBytes = 1 << 20;
            options.RequestTimeout = TimeSpan.FromMinutes(5);
        });

        // What takes too long is told with its request.
        server.Http.Timeout = Timeout.InfiniteTimeSpan;
        JsonNode document = JsonNode.Parse(await server.Http.GetStringAsync("/openapi/v1.json"))!;
        var fuzzer = new RequestFuzzer(document, await ToolsAsync(server), seed);
        Dictionary<int, int> statuses = [];
        long tensors = 0;
        for (int i = 0; i < count; i++)
        {
            using HttpRequestMessage request = fuzzer.Next();
            string said = $"{request.Method} {request.RequestUri} {(request.Content is null ? "" : Encoding.Latin1.GetString(await request.Content.ReadAsByteArrayAsync()))}";
            var watch = Stopwatch.StartNew();
            using HttpResponseMessage response = await server.Http.SendAsync(request);
            int status = (int)response.StatusCode;
            string body = await response.Content.ReadAsStringAsync();
            if (Wrong(said, status, body, watch.Elapsed) is { } wrong)
            {
                string? logged = server.Log.Lines.LastOrDefault(line => line.StartsWith("A request failed", StringComparison.Ordinal));
                Assert.Fail($"{wrong}: {status} {body}\n{said[..Math.Min(said.Length, 2000)]}\n{logged}");
            }

            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            tensors = i == count / 2 ? Alive(model) : tensors;
        }

        output.WriteLine(string.Join(", ", statuses.Select(pair => $"{pair.Key}: {pair.Value}")));

        // Some must have got through to the model, or nothing was tried.
        Assert.True(statuses[200] > count / 20 && statuses[400] > count / 10);
        Assert.Equal((0, 0), (server.Services.GetRequiredService<WorkQueue>().Running, server.Services.GetRequiredService<WorkQueue>().Waiting));
        Assert.InRange(Alive(model), 0, tensors + 50);
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync("/v1/images/generations", new JsonObject { ["prompt"] = "a red star" })).Status);
    }

    private static string? Wrong(string said, int status, string body, TimeSpan took)
    {
        bool tools = said.Contains(" /mcp ", StringComparison.Ordinal);

        // Names that are no Unicode the library of the tools reads before anything of this server does: it calls them its own fault.
        bool library = tools && said.Contains("\\ud", StringComparison.Ordinal) && body.Contains("\"An error occurred.\"", StringComparison.Ordinal);

        // An address with a zero byte is refused by the web server itself, without a body.
        bool silent = said.Contains("%00", StringComparison.Ordinal);
        return !Allowed.Contains(status) ? "no answer to a spoiled request"
            : !library && Faults.Any(fault => body.Contains(fault, StringComparison.Ordinal)) ? "a fault of the server's own"
            : took > TimeSpan.FromMinutes(4) ? "too slow"
            : status >= 400 && !silent && !body.Contains("\"message\":\"", StringComparison.Ordinal) ? "no sentence"
            : null;
    }

    private static async Task<JsonArray> ToolsAsync(TestServer server)
    {
        await using McpClient client = await McpClient.CreateAsync(new HttpClientTransport(
            new HttpClientTransportOptions { Endpoint = new Uri(server.Address, "/mcp"), TransportMode = HttpTransportMode.StreamableHttp }));
        return [.. (await client.ListToolsAsync()).Select(tool =>
            (JsonNode)new JsonObject { ["name"] = tool.Name, ["inputSchema"] = JsonNode.Parse(tool.JsonSchema.GetRawText()) })];
    }

    // Without the model's weights, which are there or not, as requests need them.
    private static long Alive(NexusGenModel model)
    {
        for (int i = 0; i < 100 && model.LoadedStages.Count > 0; i++, Thread.Sleep(20))
        {
            model.Trim();
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        return TorchSharp.torch.Tensor.TotalCount;
    }
}
