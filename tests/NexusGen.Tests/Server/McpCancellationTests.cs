using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>A call of a tool over HTTP that its client cancels ends within a step, however the client says so.</summary>
public sealed class McpCancellationTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    // So many that a call that is not cancelled does not end within a test.
    private const int Steps = 10_000;

    // The step that runs when the cancellation arrives, with and without guidance.
    private const int PassesOfAStep = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("7")]
    [InlineData("\"seven\"")]
    public async Task ItsNotificationEndsACall(string id)
    {
        await using TestServer server = await StartAsync();
        using HttpResponseMessage call = await DrawAsync(server.Http, id);
        using var reader = new StreamReader(await call.Content.ReadAsStreamAsync());
        await ProgressAsync(reader);
        Assert.Equal(HttpStatusCode.Accepted, await CancelAsync(server, id));
        await AssertEndsWithinAStepAsync(server);
        string last = await reader.ReadToEndAsync().WaitAsync(Patience);
        Assert.Contains("The call was cancelled.", last);
        Assert.Empty(server.Log.Warnings);
    }

    [Fact]
    public async Task ClosingItsRequestEndsACall()
    {
        await using TestServer server = await StartAsync();

        // This client would read on for two seconds before it closes the connection.
        using var handler = new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero };
        using var http = new HttpClient(handler) { BaseAddress = server.Address };
        using (HttpResponseMessage call = await DrawAsync(http, "7", side: 1024))
        {
            using var reader = new StreamReader(await call.Content.ReadAsStreamAsync());
            await ProgressAsync(reader);
        }

        // Large steps: the server learns of it through the network, a moment later.
        await AssertEndsWithinAStepAsync(server, allowance: 2 * PassesOfAStep);
    }

    [Fact]
    public async Task TheOfficialClientCancelsACall()
    {
        await using TestServer server = await StartAsync();
        await using McpClient client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(server.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
        }));
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.CallToolAsync(
            "draw_picture",
            new Dictionary<string, object?> { ["prompt"] = "a red star", ["steps"] = Steps, ["size"] = "256x256" },
            new Progress<ProgressNotificationValue>(_ => cancel.Cancel()),
            cancellationToken: cancel.Token));
        await UntilAsync(() => Queue(server).Running == 0);
    }

    [Theory]
    [InlineData("8", "a-right-key", "me")]
    [InlineData("\"7\"", "a-right-key", "me")]
    [InlineData("7", "another-key", "me")]
    [InlineData("7", "a-right-key", "another")]
    [InlineData("{}", "a-right-key", "me")]
    [InlineData("null", "a-right-key", "me")]
    [InlineData("1.5", "a-right-key", "me")]
    [InlineData("\"\\ud800\"", "a-right-key", "me")]
    public async Task OthersAndOtherCallsDoNotEndIt(string id, string key, string program)
    {
        await using TestServer server = await StartAsync("a-right-key", "another-key");
        using HttpResponseMessage call = await DrawAsync(server.Http, "7", "a-right-key", "me");
        using var reader = new StreamReader(await call.Content.ReadAsStreamAsync());
        await ProgressAsync(reader);
        await CancelAsync(server, id, key, program);
        long passes = Passes;
        await ProgressAsync(reader);
        await ProgressAsync(reader);
        await UntilAsync(() => Passes > passes + (2 * PassesOfAStep));
        Assert.Equal(1, Queue(server).Running);
    }

    private long Passes => tiny.Model.DenoisingPasses.Passes;

    private static WorkQueue Queue(TestServer server) => server.Services.GetRequiredService<WorkQueue>();

    private Task<TestServer> StartAsync(params string[] keys) => TestServer.StartAsync(tiny.Model, options =>
    {
        options.MaxSteps = Steps;
        options.ShutdownTimeout = TimeSpan.Zero;
        foreach (string key in keys)
        {
            options.ApiKeys.Add(key);
        }
    });

    private static Task<HttpResponseMessage> DrawAsync(
        HttpClient http, string id, string? key = null, string program = "me", int side = 256) => SendAsync(
            http,
            $$"""
            {"jsonrpc":"2.0","id":{{id}},"method":"tools/call","params":{"name":"draw_picture","_meta":{"progressToken":1},
            "arguments":{"prompt":"a red star","size":"{{side}}x{{side}}","steps":{{Steps}} } } }
            """,
            key,
            program);

    private static async Task<HttpStatusCode> CancelAsync(TestServer server, string id, string? key = null, string program = "me")
    {
        string message = $$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{id}} } }""";
        using HttpResponseMessage response = await SendAsync(server.Http, message, key, program);
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string message, string? key, string program)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = new StringContent(message, Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.UserAgent.ParseAdd(program);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task ProgressAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Contains("notifications/progress", StringComparison.Ordinal))
            {
                Assert.NotNull(JsonNode.Parse(line["data: ".Length..]));
                return;
            }

            Assert.DoesNotContain("result", line);
        }

        Assert.Fail("The call ended.");
    }

    private async Task AssertEndsWithinAStepAsync(TestServer server, int allowance = PassesOfAStep)
    {
        long passes = Passes;
        await UntilAsync(() => Queue(server).Running == 0 && tiny.Model.RequestCount == 0);
        Assert.InRange(Passes - passes, 0, allowance);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }
}
