using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>The timeout of requests, which counts from their last progress.</summary>
public sealed class ProgressTimeoutTests : IDisposable
{
    private const string Path = "/v1/images/generations";

    // Between two steps, a busy machine may need some seconds.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1.5);

    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task WorkThatMakesProgressMayTakeLonger()
    {
        await using TestServer server = await StartAsync();
        await using EngineBrake brake = await EngineBrake.StartAsync(_model, Step);
        var clock = Stopwatch.StartNew();
        (HttpStatusCode status, _) = await server.AskAsync(Path, Request(steps: 12));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(clock.Elapsed > Timeout);
    }

    [Fact]
    public async Task WorkWithoutProgressIsEnded()
    {
        await using TestServer server = await StartAsync();
        await using EngineBrake brake = await EngineBrake.StartAsync(_model);
        Task<(HttpStatusCode Status, JsonNode Body)> asked = server.AskAsync(Path, Request(steps: 1));
        await Task.Delay(Timeout + TimeSpan.FromSeconds(5));
        brake.Release();
        (HttpStatusCode status, JsonNode body) = await asked;
        Assert.Equal((HttpStatusCode.GatewayTimeout, "timeout"), (status, (string?)body["error"]!["code"]));
        Assert.Equal(0, server.Services.GetRequiredService<WorkQueue>().Running);
    }

    [Fact]
    public async Task WaitingForTheTurnCountsToo()
    {
        await using TestServer server = await TestServer.StartAsync(_model, options =>
        {
            options.RequestTimeout = Timeout;
            options.MaxRunning = 1;
        });
        await using EngineBrake brake = await EngineBrake.StartAsync(_model, Step);
        Task<(HttpStatusCode Status, JsonNode Body)> first = server.AskAsync(Path, Request(steps: 40));
        while (server.Services.GetRequiredService<WorkQueue>().Running == 0)
        {
            await Task.Delay(10);
        }

        (HttpStatusCode status, _) = await server.AskAsync(Path, Request(steps: 1));
        Assert.Equal(HttpStatusCode.GatewayTimeout, status);
        Assert.False(first.IsCompleted);
        brake.Release();
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
    }

    private static JsonObject Request(int steps) =>
        new() { ["prompt"] = "A cat", ["steps"] = steps, ["size"] = "32x32", ["cfg_scale"] = 1 };

    private Task<TestServer> StartAsync() => TestServer.StartAsync(_model, options => options.RequestTimeout = Timeout);
}
