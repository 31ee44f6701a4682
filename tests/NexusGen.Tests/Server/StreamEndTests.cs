using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Cli.Core;
using NexusGen.Server.Configuration;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>
/// Streams that end early, on each API surface: the work stops, its slot is released, a client that still listens receives the
/// reason in the surface's own form, and the log contains nothing that is not the server's fault.
/// </summary>
public sealed class StreamEndTests : IDisposable
{
    // An event is sent behind the work that it reports: on a busy machine much work has to remain when something happens to it.
    private const int ManySteps = 1_000;

    private const string Studio = "/studio/api/turns";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly NexusGenModel _model = NexusGenModel.Open(ModelFinder.FindTiny());

    /// <summary>
    /// The surfaces whose clients wait, each with an event after which much work remains. The studio's work goes on if nobody
    /// follows it.
    /// </summary>
    public static TheoryData<string, string> Waiting => new()
    {
        { "/v1/chat/completions", "progress" },
        { "/v1/responses", "call.partial_image" },
        { "/v1/images/generations", "partial_image" },
    };

    /// <summary>All surfaces.</summary>
    public static TheoryData<string, string> Surfaces
    {
        get
        {
            TheoryData<string, string> all = Waiting;
            all.Add(Studio, "\"type\":\"step\"");
            return all;
        }
    }

    public void Dispose() => _model.Dispose();

    [Theory]
    [MemberData(nameof(Waiting))]
    public async Task WhoLeavesEndsTheWork(string path, string piece)
    {
        // So many steps that the work is not done before what was told of it is read, on a busy machine too.
        await using TestServer server = await TestServer.StartAsync(_model, options => options.MaxSteps = ManySteps);
        using (HttpResponseMessage response = await SendAsync(server, path, ManySteps))
        {
            await ReadAsync(response, line => line.Contains(piece, StringComparison.Ordinal));
            Assert.Equal((1, 1), (Queue(server).Running, _model.RequestCount));
        }

        await AssertFreeAsync(server);
        Assert.Equal("", string.Join("\n", server.Log.Warnings));
    }

    [Theory]
    [MemberData(nameof(Surfaces))]
    public async Task WhatMakesNoProgressIsToldSo(string path, string piece)
    {
        const int steps = 400;
        TimeSpan timeout = TimeSpan.FromSeconds(12);
        EngineBrake? brake = null;
        await using TestServer server = await TestServer.StartAsync(
            _model,
            options => (options.RequestTimeout, options.MaxSteps) = (timeout, ManySteps),
            (context, next) =>
            {
                context.Response.Body = new InterceptedStream(context.Response.Body, piece, async (_, _) =>
                {
                    brake = await EngineBrake.StartAsync(_model);
                    await Task.Delay(timeout + TimeSpan.FromSeconds(4), CancellationToken.None);
                    brake.Release();
                });
                return next(context);
            });
        using HttpResponseMessage response = await SendAsync(server, path, steps);
        AssertTold(path, await ReadAsync(response), "longer than this server allows");
        await brake!.DisposeAsync();
        await AssertFreeAsync(server);
        Assert.Equal("", string.Join("\n", server.Log.Warnings));
    }

    [Theory]
    [MemberData(nameof(Surfaces))]
    public async Task WhatFailsIsToldWithoutItsReasonAndLoggedByItsKind(string path, string piece)
    {
        const string reason = "the reason, which is nobody's business";
        InterceptedStream? faulty = null;
        await using TestServer server = await TestServer.StartAsync(_model, null, (context, next) =>
        {
            context.Response.Body = faulty = new InterceptedStream(
                context.Response.Body,
                piece,
                (_, _) => throw new InvalidOperationException(reason));
            return next(context);
        });
        using HttpResponseMessage response = await SendAsync(server, path);
        List<string> lines = await ReadAsync(response);
        Assert.True(faulty!.HasHappened);
        AssertTold(path, lines, "Something went wrong in the server.");
        await AssertFreeAsync(server);
        string logged = Assert.Single(server.Log.Warnings);
        Assert.Contains(
            $"The request {response.Headers.GetValues("X-Request-Id").Single()} failed by System.InvalidOperationException",
            logged);
        Assert.DoesNotContain(reason, logged);
    }

    [Theory]
    [MemberData(nameof(Surfaces))]
    public async Task WhatTheServersStopEndsIsToldSo(string path, string piece)
    {
        await using TestServer server = await TestServer.StartAsync(
            _model,
            options => (options.ShutdownTimeout, options.MaxSteps) = (TimeSpan.Zero, ManySteps));
        using HttpResponseMessage response = await SendAsync(server, path, ManySteps);
        Task? stopped = null;
        List<string> lines = await ReadAsync(response, line =>
        {
            stopped ??= line.Contains(piece, StringComparison.Ordinal) ? server.StopAsync() : null;
            return false;
        });
        AssertTold(path, lines, "The server is stopping.");
        await stopped!.WaitAsync(Patience);
        await AssertFreeAsync(server);
        Assert.Equal("", string.Join("\n", server.Log.Warnings));
    }

    // The web server aborts the connection if the token of a pending write is cancelled.
    [Fact]
    public async Task AWriteMayEndAfterItsRequestWasCancelled()
    {
        TestServer? started = null;
        Task? stopped = null;
        bool wasCancelled = false;
        await using TestServer server = started = await TestServer.StartAsync(
            _model,
            options => (options.ShutdownTimeout, options.MaxSteps) = (TimeSpan.Zero, ManySteps),
            (context, next) =>
            {
                context.Response.Body = new InterceptedStream(context.Response.Body, "partial_image", async (_, token) =>
                {
                    stopped = started!.StopAsync();
                    while (_model.RequestCount > 0)
                    {
                        await Task.Delay(10, CancellationToken.None);
                    }

                    wasCancelled = token.IsCancellationRequested;
                });
                return next(context);
            });
        using HttpResponseMessage response = await SendAsync(server, "/v1/images/generations", ManySteps);
        AssertTold("/v1/images/generations", await ReadAsync(response), "The server is stopping.");
        Assert.False(wasCancelled);
        await stopped!.WaitAsync(Patience);
    }

    [Theory]
    [MemberData(nameof(Surfaces))]
    public async Task WhatTheModelsEndEndsIsToldSo(string path, string piece)
    {
        // The model is closed while the event is sent: after the client has read it, closing would come too late on a busy
        // machine.
        using NexusGenModel model = NexusGenModel.Open(ModelFinder.FindTiny());
        static void Allow(NexusGenServerOptions options) => options.MaxSteps = ManySteps;
        await using TestServer server = await TestServer.StartAsync(model, Allow, (context, next) =>
        {
            context.Response.Body = new InterceptedStream(context.Response.Body, piece, (_, _) =>
            {
                model.Dispose();
                return ValueTask.CompletedTask;
            });
            return next(context);
        });
        using HttpResponseMessage response = await SendAsync(server, path, ManySteps);
        List<string> lines = await ReadAsync(response);
        AssertTold(path, lines, "The model was closed.");
        using HttpResponseMessage after = await server.PostAsync(
            "/v1/images/generations",
            new JsonObject { ["prompt"] = "a red star", ["steps"] = 1 });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, after.StatusCode);
        await AssertFreeAsync(server);
        Assert.Equal("", string.Join("\n", server.Log.Warnings));
    }

    // A request with much work that reports early that it is running.
    private static async Task<HttpResponseMessage> SendAsync(TestServer server, string path, int steps = 100)
    {
        const string size = "256x256";
        const string words = "Draw a picture: a red star";
        var body = new JsonObject { ["stream"] = true };
        var picture = new JsonObject { ["steps"] = steps, ["size"] = size, ["preview_every"] = 25 };
        switch (path)
        {
            case "/v1/chat/completions":
                body["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = words });
                body["picture"] = picture;
                break;
            case "/v1/responses":
                body["input"] = words;
                body["tools"] = new JsonArray(new JsonObject { ["type"] = "image_generation", ["partial_images"] = 3 });
                body["picture"] = picture;
                break;
            case "/v1/images/generations":
                (body["prompt"], body["size"], body["steps"], body["partial_images"]) = (words, size, steps, 3);
                break;
            default:
                var studio = new StudioClient(server.Http);
                body = StudioClient.Turn(words, "draw");
                body["picture"] = picture;
                JsonNode turn = await studio.AddAsync(await studio.CreateAsync(), body);
                return await server.Http.GetAsync(StudioClient.EventsOf(turn), HttpCompletionOption.ResponseHeadersRead);
        }

        return await server.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) },
            HttpCompletionOption.ResponseHeadersRead);
    }

    // Reads to the end, or until enough was read. The reader itself checks that the end is clean.
    private static async Task<List<string>> ReadAsync(HttpResponseMessage response, Func<string, bool>? enough = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        List<string> lines = [];
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            lines.Add(line);
            if (enough?.Invoke(line) == true)
            {
                break;
            }
        }

        return lines;
    }

    // The last event is complete and reports the error as documented.
    private static void AssertTold(string path, List<string> lines, string sentence)
    {
        // Events of the background have numbers.
        lines = [.. lines.Where(line => !line.StartsWith("id: ", StringComparison.Ordinal))];
        Assert.Equal("", lines[^1]);
        JsonNode last = JsonNode.Parse(lines[^2]["data: ".Length..])!;
        string? name = lines[^3].StartsWith("event: ", StringComparison.Ordinal) ? lines[^3]["event: ".Length..] : null;
        if (path == Studio && name == "failed")
        {
            // The work failed; an error is one of following it.
            Assert.Equal("failed", (string?)last["type"]);
            Assert.Contains(sentence, (string?)last["problem"]);
            return;
        }

        Assert.Equal(path switch { "/v1/chat/completions" => null, "/v1/responses" => "response.failed", _ => "error" }, name);
        if (path == "/v1/responses")
        {
            Assert.Equal(("response.failed", "failed"), ((string?)last["type"], (string?)last["response"]!["status"]));
            Assert.All(
                last["response"]!["output"]!.AsArray(),
                item => Assert.Contains((string?)item!["status"], (string[])["completed", "incomplete", "failed"]));
            last = last["response"]!;
        }

        Assert.Contains(sentence, (string?)last["error"]!["message"]);
    }

    private async Task AssertFreeAsync(TestServer server)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (Queue(server).Running > 0 || _model.RequestCount > 0)
        {
            await Task.Delay(10, patience.Token);
        }

        // Messages that a request logs at its very end are logged by then.
        await server.StopAsync().WaitAsync(patience.Token);
    }

    private static WorkQueue Queue(TestServer server) => server.Services.GetRequiredService<WorkQueue>();
}
