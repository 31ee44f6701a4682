using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Cli.Core;
using NexusGen.Server.Background;
using NexusGen.Server.Configuration;
using NexusGen.Tests.Cli;

namespace NexusGen.Tests.Server;

/// <summary>What background work means for the server: restarts, its queue, its file and a full disk.</summary>
public sealed class BackgroundServerTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Path = "/v1/responses";

    [Fact]
    public async Task AStoppedServersWorkIsDoneByTheNextOne()
    {
        using var folder = new TemporaryFolder();
        void Configure(NexusGenServerOptions options) => options.Background = folder["background.db"];
        JsonNode expected = await new BackgroundClient(tiny.Server.Http).PostAsync(Path, Request(4));
        string id;
        await using (EngineBrake brake = await EngineBrake.StartAsync(tiny.Model))
        {
            await using TestServer first = await TestServer.StartAsync(tiny.Model, Configure);
            var client = new BackgroundClient(first.Http);
            id = (string)(await client.PostAsync(Path, InBackground(Request(4))))["id"]!;
            var listens = new TaskCompletionSource();
            Task<List<(string? Id, JsonNode Data)>> listening = client.EventsAsync(
                BackgroundClient.Get($"{Path}/{id}?stream=true"),
                _ =>
                {
                    listens.TrySetResult();
                    return false;
                });
            await Task.WhenAny(listens.Task, listening);
            Task stopped = first.StopAsync();
            brake.Release();
            await stopped;
            JsonNode last = (await listening)[^1].Data;
            Assert.Equal(("error", "server_stopping"), ((string?)last["type"], (string?)last["code"]));
        }

        await using TestServer second = await TestServer.StartAsync(tiny.Model, Configure);
        JsonNode ended = await new BackgroundClient(second.Http).EndAsync($"{Path}/{id}");
        Assert.Equal("completed", (string?)ended["status"]);
        Assert.Equal(Drawn(expected), Drawn(ended));
        Assert.Equal("", string.Join("\n", second.Log.Warnings));
    }

    [Fact]
    public async Task AKilledServersWorkIsDoneByTheNextOne()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "serve", "--model", ModelFinder.FindTiny(), "--gallery", "none", "--background", folder["background.db"],
        ];
        string id;
        (Process process, BackgroundClient client) = await ServeAsync(arguments);
        using (process)
        {
            JsonObject request = InBackground(Request(100));
            request["picture"]!["size"] = "224x224";
            id = (string)(await client.PostAsync(Path, request))["id"]!;
            await client.PollAsync($"{Path}/{id}", body => body["progress"] is not null);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        (process, client) = await ServeAsync(arguments);
        using (process)
        {
            JsonNode ended = await client.EndAsync($"{Path}/{id}");
            Assert.Equal("completed", (string?)ended["status"]);
            Assert.NotNull(Drawn(ended));
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task WorkThatEndsTheServerIsNotTriedForEver()
    {
        using var folder = new TemporaryFolder();
        void Configure(NexusGenServerOptions options) => options.Background = folder["background.db"];
        string id;
        await using (EngineBrake brake = await EngineBrake.StartAsync(tiny.Model))
        {
            await using TestServer first = await TestServer.StartAsync(tiny.Model, Configure);
            id = (string)(await new BackgroundClient(first.Http).PostAsync(Path, InBackground(Request(4))))["id"]!;
            for (int i = 0; i < 3; i++)
            {
                first.Services.GetRequiredService<BackgroundStore>().CountStart(id);
            }

            Task stopped = first.StopAsync();
            brake.Release();
            await stopped;
        }

        await using TestServer second = await TestServer.StartAsync(tiny.Model, Configure);
        JsonNode failed = await new BackgroundClient(second.Http).EndAsync($"{Path}/{id}");
        Assert.Equal("failed", (string?)failed["status"]);
        Assert.Contains("does not try again", (string)failed["error"]!["message"]!);
    }

    [Fact]
    public async Task AnotherServersFileIsLeftToIt()
    {
        using var folder = new TemporaryFolder();
        void Configure(NexusGenServerOptions options) => options.Background = folder["background.db"];
        await using TestServer first = await TestServer.StartAsync(tiny.Model, Configure),
            second = await TestServer.StartAsync(tiny.Model, Configure);
        Assert.Empty(first.Log.Warnings);
        Assert.Contains("Another server uses the file of the background work", Assert.Single(second.Log.Warnings));
        foreach (TestServer server in (TestServer[])[first, second])
        {
            var client = new BackgroundClient(server.Http);
            string id = (string)(await client.PostAsync(Path, InBackground(Request(1))))["id"]!;
            Assert.Equal("completed", (string?)(await client.EndAsync($"{Path}/{id}"))["status"]);
        }
    }

    [Fact]
    public async Task BackgroundWorkLeavesSlotsToThoseWhoWait()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.MaxRunning = 2;
            options.QueuePerClient = 2;
        });
        var client = new BackgroundClient(server.Http);
        await using EngineBrake brake = await EngineBrake.StartAsync(tiny.Model, TimeSpan.FromSeconds(0.05));
        List<string> ids = [];
        for (int i = 0; i < 3; i++)
        {
            ids.Add((string)(await client.PostAsync(Path, InBackground(Request(100))))["id"]!);
            await Task.Delay(100);
        }

        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(HttpMethod.Post, Path, Request(1))).Status);
        Assert.Equal("queued", (string?)(await client.SendAsync(HttpMethod.Get, $"{Path}/{ids[1]}")).Body["status"]);
        (HttpStatusCode status, JsonNode refused) = await client.SendAsync(HttpMethod.Post, Path, InBackground(Request(1)));
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limit_exceeded"), (status, (string?)refused["error"]!["code"]));
        foreach (string id in ids.AsEnumerable().Reverse())
        {
            Assert.Equal("cancelled", (string?)(await client.PostAsync($"{Path}/{id}/cancel"))["status"]);
        }
    }

    [SmallDiskFact]
    public async Task WhatCantBeKeptOnAFullDiskStillReachesItsUser()
    {
        using var disk = new SmallDisk(8);
        await using TestServer server = await TestServer.StartAsync(
            tiny.Model, options => options.Background = disk["background.db"]);
        var client = new BackgroundClient(server.Http);
        string id;
        await using (EngineBrake brake = await EngineBrake.StartAsync(tiny.Model))
        {
            id = (string)(await client.PostAsync(Path, InBackground(Request(1))))["id"]!;
            await client.PollAsync($"{Path}/{id}", body => (string?)body["status"] == "in_progress");
            disk.Fill();
        }

        JsonNode ended = await client.EndAsync($"{Path}/{id}");
        Assert.Equal("completed", (string?)ended["status"]);
        Assert.NotNull(Drawn(ended));
        Assert.Contains($"The background work {id} can't be kept on disk", Assert.Single(server.Log.Warnings));
        (HttpStatusCode status, JsonNode refused) = await client.SendAsync(HttpMethod.Post, Path, InBackground(Request(1)));
        Assert.Equal((HttpStatusCode.InsufficientStorage, "insufficient_storage"), (status, (string?)refused["error"]!["code"]));
    }

    private static JsonObject Request(int steps) => new()
    {
        ["input"] = "Draw a picture: a red star",
        ["picture"] = new JsonObject { ["steps"] = steps, ["seed"] = 5 },
    };

    private static JsonObject InBackground(JsonObject request)
    {
        request["background"] = true;
        return request;
    }

    private static string? Drawn(JsonNode response) => (string?)response["output"]!.AsArray()
        .SingleOrDefault(item => (string?)item!["type"] == "image_generation_call")?["result"];

    private static async Task<(Process Process, BackgroundClient Client)> ServeAsync(string[] arguments)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Process process = ProcessTests.Start([.. arguments, "--port", $"{port}"]);
        _ = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Serving", StringComparison.Ordinal))
            {
                break;
            }
        }

        return (process, new BackgroundClient(new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") }));
    }
}
