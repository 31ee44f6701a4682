using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server;

namespace NexusGen.Tests.Server;

/// <summary>The metrics match the work that was done.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task CountsWorkRefusalsAndWhatWaits()
    {
        await using TestServer server = await TestServer.StartAsync(_model, options =>
        {
            options.MaxRunning = 1;
            options.QueueLength = 0;
        });
        object? scope = server.Services.GetRequiredService<IMeterFactory>();
        ConcurrentDictionary<string, double> sums = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == NexusGenServerExtensions.TelemetryName && instrument.Meter.Scope == scope)
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        void Add(string name, double value) => sums.AddOrUpdate(name, value, (_, sum) => sum + value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Add(instrument.Name, 1));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => sums[instrument.Name] = value);
        listener.Start();
        ConcurrentQueue<string> traces = [];
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == NexusGenServerExtensions.TelemetryName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => traces.Enqueue(activity.OperationName),
        };
        ActivitySource.AddActivityListener(activities);

        JsonObject Asking(int n) =>
            new() { ["prompt"] = "A cat", ["steps"] = 3, ["n"] = n, ["size"] = "32x32", ["cfg_scale"] = 1 };
        (HttpStatusCode _, JsonNode whole) = await server.AskAsync("/v1/images/generations", Asking(2));
        JsonObject streamed = Asking(1);
        streamed["stream"] = true;
        using (HttpResponseMessage response = await server.PostAsync("/v1/images/generations", streamed))
        {
            await response.Content.ReadAsStringAsync();
        }

        listener.RecordObservableInstruments();

        // The untrained model may generate more than one image in a reply, each as often as requested.
        int pictures = whole["data"]!.AsArray().Count;
        Assert.True(sums["nexusgen.pictures"] > pictures);
        Assert.Equal(3 * sums["nexusgen.pictures"], sums["nexusgen.steps"]);
        Assert.True(sums["nexusgen.tokens"] >= (double)whole["usage"]!["output_tokens"]!);
        Assert.Equal(
            (2, 2, 0, 0),
            ((int)sums["nexusgen.queue.time"], (int)sums["nexusgen.work.time"], (int)sums["nexusgen.queue.running"],
                (int)sums["nexusgen.queue.waiting"]));
        Assert.True(sums["nexusgen.memory"] > 1 << 20);

        // The listener also receives traces of other servers in this process.
        Assert.True(traces.Count(name => name == "draw") >= 2);
        Assert.False(sums.ContainsKey("nexusgen.queue.refused"));

        // A running request leaves no capacity for another.
        using var leave = new CancellationTokenSource();
        JsonObject lasting = new() { ["prompt"] = "A cat", ["steps"] = 100, ["size"] = "512x512" };
        Task<HttpResponseMessage> running = server.PostAsync("/v1/images/generations", lasting, leave.Token);
        while (sums.GetValueOrDefault("nexusgen.queue.running") == 0)
        {
            await Task.Delay(10);
            listener.RecordObservableInstruments();
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await server.AskAsync("/v1/images/generations", Asking(1))).Status);
        Assert.Equal(1, sums["nexusgen.queue.refused"]);

        // Background work waits in a queue of its own, which is as short.
        var studio = new StudioClient(server.Http);
        JsonNode turn = await studio.AddAsync(await studio.CreateAsync(), StudioClient.Turn("A cat", "draw"));
        (HttpStatusCode status, _) = await studio.SendAsync(
            HttpMethod.Post, StudioClient.TurnsOf(await studio.CreateAsync()), StudioClient.Turn("A cat", "draw"));
        Assert.Equal((HttpStatusCode.TooManyRequests, 2), (status, sums["nexusgen.queue.refused"]));
        await studio.CancelAsync(turn);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
