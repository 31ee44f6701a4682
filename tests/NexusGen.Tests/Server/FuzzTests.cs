using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Cli;
using NexusGen.Server.Scheduling;
using Xunit.Abstractions;

namespace NexusGen.Tests.Server;

/// <summary>Thousands of spoiled requests to every address of the OpenAPI document: no error of the server's own, no hang, no leak.</summary>
[Collection(Alone.Name)]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly int[] Allowed = [200, 204, 400, 401, 403, 404, 405, 413, 415, 421, 429];

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
            options.RequestTimeout = TimeSpan.FromSeconds(60);
        });
        JsonNode document = JsonNode.Parse(await server.Http.GetStringAsync("/openapi/v1.json"))!;
        var fuzzer = new RequestFuzzer(document, seed);
        Dictionary<int, int> statuses = [];
        long tensors = 0;
        for (int i = 0; i < count; i++)
        {
            using HttpRequestMessage request = fuzzer.Next();
            string said = $"{request.Method} {request.RequestUri} {(request.Content is null ? "" : await request.Content.ReadAsStringAsync())}";
            var watch = Stopwatch.StartNew();
            using HttpResponseMessage response = await server.Http.SendAsync(request);
            string body = await response.Content.ReadAsStringAsync();
            int status = (int)response.StatusCode;
            Assert.True(Allowed.Contains(status), $"{status} {body}\n{said[..Math.Min(said.Length, 2000)]}");
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(50), said);

            // An address with a zero byte is refused by the web server itself, without a body.
            if (status >= 400 && !request.RequestUri!.OriginalString.Contains("%00", StringComparison.Ordinal))
            {
                Assert.True(body.Contains("\"message\":\"", StringComparison.Ordinal), $"{status} {body}\n{said}");
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
