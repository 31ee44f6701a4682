using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>A busy server: more requests than it can compute, callers that leave, shutdown.</summary>
public sealed class BusyServerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task BeyondTheQueueRequestsAreRefusedAtOnceAndAllOthersAnswered()
    {
        await using TestServer server = await TestServer.StartAsync(_model, options =>
        {
            options.MaxRunning = 1;
            options.QueueLength = 1;
        });
        using var leave = new CancellationTokenSource();
        Task<HttpResponseMessage> longOne = server.PostAsync("/v1/images/generations", Long(), leave.Token);
        WorkQueue queue = await RunningAsync(server, 1);
        Task<HttpResponseMessage> waiting = server.PostAsync("/v1/images/generations", Short());
        await UntilAsync(() => queue.Waiting == 1);

        using HttpResponseMessage refused = await server.PostAsync("/v1/images/generations", Short());
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal(
            "rate_limit_exceeded",
            (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!["code"]);
        Assert.False(waiting.IsCompleted);

        // The caller of the long request leaves: its work ends, and the waiting request is answered.
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => longOne);
        using HttpResponseMessage answered = await waiting.WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        await UntilAsync(() => queue.Running == 0);
    }

    [Fact]
    public async Task StoppingRefusesWhatWaitsAndLetsWhatRunsFinish()
    {
        await using TestServer server = await TestServer.StartAsync(
            _model,
            options =>
            {
                options.MaxRunning = 1;
                options.MaxSteps = 500;
                options.ShutdownTimeout = Patience;
            });

        // Many steps of a small image: long enough to be running, soon decoded on a busy machine.
        JsonObject request = Short();
        request["steps"] = 500;
        Task<HttpResponseMessage> running = server.PostAsync("/v1/images/generations", request);
        WorkQueue queue = await RunningAsync(server, 1);
        Task<HttpResponseMessage> waiting = server.PostAsync("/v1/images/generations", Short());
        await UntilAsync(() => queue.Waiting == 1);

        Task stopped = server.StopAsync();
        using HttpResponseMessage refused = await waiting.WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        using HttpResponseMessage finished = await running.WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.OK, finished.StatusCode);
        await stopped.WaitAsync(Patience);
        Assert.True(queue.Emptied.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task StoppingEndsWhatTakesLongerThanIsAllowed()
    {
        await using TestServer server = await TestServer.StartAsync(
            _model,
            options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300));
        Task<HttpResponseMessage> running = server.PostAsync("/v1/images/generations", Long());
        await RunningAsync(server, 1);
        Task stopped = server.StopAsync();
        using HttpResponseMessage ended = await running.WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ended.StatusCode);
        await stopped.WaitAsync(Patience);
    }

    [Fact]
    public async Task PartsAreLetGoWhenNothingWasAskedForSomeTime()
    {
        await using TestServer server = await TestServer.StartAsync(
            _model,
            options => options.Keep = TimeSpan.FromMilliseconds(200));
        (HttpStatusCode status, _) = await server.AskAsync("/v1/images/generations", Short());
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEmpty(_model.LoadedComponents);
        await UntilAsync(() => _model.LoadedComponents.Count == 0);
        (status, _) = await server.AskAsync("/v1/images/generations", Short());
        Assert.Equal(HttpStatusCode.OK, status);
    }

    private static JsonObject Short() => new() { ["prompt"] = "A cat", ["steps"] = 1, ["size"] = "32x32", ["cfg_scale"] = 1 };

    private static JsonObject Long() =>
        new() { ["prompt"] = "A cat", ["steps"] = 100, ["size"] = "256x256", ["cfg_scale"] = 3, ["n"] = 2 };

    private static async Task<WorkQueue> RunningAsync(TestServer server, int count)
    {
        WorkQueue queue = server.Services.GetRequiredService<WorkQueue>();
        await UntilAsync(() => queue.Running == count);
        return queue;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
