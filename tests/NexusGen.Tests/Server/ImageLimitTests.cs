using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using NexusGen.Imaging;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>
/// The cost of images: their pixels are limited together, and images are decoded only after their request has a slot.
/// </summary>
public sealed class ImageLimitTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const int Side = 28;
    private const string TooLarge = "more than 1,500 pixels together";

    private static readonly byte[] Whole = ImageFile.Encode(
        RgbImage.FromBytes(new byte[Side * Side * 3], Side, Side),
        ImageFormat.Png);

    // The header can be read but the pixels can't: decoding reports a damaged image.
    private static readonly byte[] Cut = Whole[..^20];

    [Fact]
    public void ASizeIsReadFromTheHeaderAlone()
    {
        Assert.Equal((Side, Side), ImageFile.ReadSize(Cut));
        Assert.Throws<ImagingException>(() => ImageFile.Read(Cut));
        Assert.Throws<ImagingException>(() => ImageFile.ReadSize(Cut, (Side * Side) - 1));
        Assert.Throws<ImagingException>(() => ImageFile.ReadSize(Cut.AsSpan(0, 12)));
    }

    [Theory]
    [InlineData("/v1/chat/completions", "messages", "image_url", "content")]
    [InlineData("/v1/responses", "input", "input_image", "content")]
    public async Task TogetherTheyAreBoundedBeforeOneIsDecoded(string path, string field, string type, string content)
    {
        await using TestServer server = await StartAsync();
        JsonObject Asking(params byte[][] files) => new()
        {
            ["max_tokens"] = 1,
            ["max_output_tokens"] = 1,
            [field] = new JsonArray(new JsonObject
            {
                ["role"] = "user",
                [content] = new JsonArray(
                    [.. files.Select(file => new JsonObject { ["type"] = type, ["image_url"] = DataUrl(file) })]),
            }),
        };
        (HttpStatusCode status, JsonNode body) = await server.AskAsync(path, Asking(Cut, Cut));
        Assert.Equal(
            (HttpStatusCode.BadRequest, "image_too_large", field),
            (status, (string?)body["error"]!["code"], (string?)body["error"]!["param"]));
        Assert.Contains(TooLarge, (string?)body["error"]!["message"]);
        (status, body) = await server.AskAsync(path, Asking(Cut));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_image"), (status, (string?)body["error"]!["code"]));
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync(path, Asking(Whole))).Status);
    }

    [Fact]
    public async Task SoTheyAreInFormsAndOnlyTheChangedOneIsDecoded()
    {
        await using TestServer server = await StartAsync();
        async Task<(HttpStatusCode, string)> EditAsync(params byte[][] files)
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent("make it blue"), "prompt" },
                { new StringContent("1"), "steps" }
            };
            foreach (byte[] file in files)
            {
                form.Add(new ByteArrayContent(file), "image[]", "picture.png");
            }

            using HttpResponseMessage response = await server.Http.PostAsync("/v1/images/edits", form);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        (HttpStatusCode status, string said) = await EditAsync(Cut, Cut);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("image_too_large", said);
        (status, said) = await EditAsync(Cut);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("invalid_image", said);
        await using TestServer wider = await TestServer.StartAsync(tiny.Model);
        using var two = new MultipartFormDataContent
        {
            { new StringContent("make it blue"), "prompt" }, { new StringContent("1"), "steps" },
            { new ByteArrayContent(Cut), "image[]", "first.png" }, { new ByteArrayContent(Whole), "image[]", "second.png" },
        };
        Assert.Equal(HttpStatusCode.OK, (await wider.Http.PostAsync("/v1/images/edits", two)).StatusCode);
    }

    [Fact]
    public async Task SoTheyAreInTheStudioAndForTools()
    {
        await using TestServer server = await StartAsync();
        List<string> ids = [];
        for (int i = 0; i < 2; i++)
        {
            ids.Add(await new StudioClient(server.Http).BringAsync(Whole));
        }

        var studio = new StudioClient(server.Http);
        string conversation = await studio.CreateAsync();
        async Task<JsonNode> EndAsync(string[] pictures) =>
            (await studio.AskAsync(StudioClient.Turn("make it blue", "edit", 1, pictures), conversation))[^1];
        JsonNode failed = await EndAsync([.. ids]);
        Assert.Equal(("failed", "image_too_large"), (StudioClient.Type(failed), (string?)failed["code"]));
        Assert.Contains(TooLarge, (string?)failed["problem"]);
        Assert.Equal("done", StudioClient.Type(await EndAsync([ids[0]])));

        // It depends on no image before it.
        Assert.Equal("done", StudioClient.Type(await EndAsync([ids[1]])));

        await using McpClient client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(server.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
        }));
        CallToolResult refused = await client.CallToolAsync(
            "compare_pictures",
            new Dictionary<string, object?> { ["first"] = DataUrl(Whole), ["second"] = DataUrl(Whole) });
        Assert.True(refused.IsError);
        Assert.Contains(TooLarge, Assert.IsType<TextContentBlock>(refused.Content[0]).Text);
    }

    [Fact]
    public async Task ARequestThatWaitsHasDecodedNothing()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.MaxRunning = 1;
            options.QueueLength = 1;
        });
        var queue = server.Services.GetRequiredService<WorkQueue>();
        JsonObject Asking(string role) => new()
        {
            ["messages"] = new JsonArray(new JsonObject
            {
                ["role"] = role,
                ["content"] = new JsonArray(new JsonObject { ["type"] = "image_url", ["image_url"] = DataUrl(Cut) }),
            }),
        };
        Task<(HttpStatusCode Status, JsonNode Body)> waiting;
        using (await queue.EnterAsync("another"))
        {
            // Errors that do not depend on the image are reported at once.
            Assert.Equal(HttpStatusCode.BadRequest, (await server.AskAsync("/v1/chat/completions", Asking("king"))).Status);
            waiting = server.AskAsync("/v1/chat/completions", Asking("user"));
            await UntilAsync(() => queue.Waiting == 1);

            // The queue has no room for more.
            Assert.Equal(HttpStatusCode.TooManyRequests, (await server.AskAsync("/v1/chat/completions", Asking("user"))).Status);
            Assert.False(waiting.IsCompleted);
        }

        (HttpStatusCode status, JsonNode body) = await waiting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_image"), (status, (string?)body["error"]!["code"]));
        Assert.Equal(0, queue.Running);
    }

    [Fact]
    public async Task PicturesThatAreBroughtWaitForADecoderToo()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.MaxRunning = 1;
            options.QueueLength = 1;
        });
        WorkQueue decoding = server.Services.GetRequiredService<StudioImages>().Decoding;
        Task<HttpResponseMessage> waiting;
        using (await decoding.EnterAsync("another"))
        {
            waiting = BringAsync(server);
            await UntilAsync(() => decoding.Waiting == 1);
            using HttpResponseMessage refused = await BringAsync(server);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        }

        Assert.Equal(HttpStatusCode.OK, (await waiting.WaitAsync(TimeSpan.FromSeconds(60))).StatusCode);
        await UntilAsync(() => decoding.Running == 0);
    }

    [Fact]
    public async Task MoreConnectionsThanAllowedAreClosedAtOnce()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.MaxRunning = 1;
            options.QueueLength = 1;
            options.MaxConnections = 2;
        });

        // They have begun to speak: silent ones would make room.
        async Task<TcpClient> SpeakAsync()
        {
            TcpClient client = await ConnectAsync(server);
            await client.GetStream().WriteAsync("GET "u8.ToArray());
            await Task.Delay(500);
            return client;
        }

        using TcpClient first = await SpeakAsync(), second = await SpeakAsync(), third = await SpeakAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        int read = await third.GetStream().ReadAsync(new byte[1], patience.Token).AsTask()
            .ContinueWith(task => task.IsFaulted ? 0 : task.Result, TaskScheduler.Default);
        Assert.Equal(0, read);

        // A closed connection makes room for another.
        first.Close();
        for (bool served = false; !served; await Task.Delay(20, patience.Token))
        {
            served = await server.Http.GetStringAsync("/health/live", patience.Token)
                .ContinueWith(task => task is { IsCompletedSuccessfully: true, Result: "live" }, TaskScheduler.Default);
        }
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync(tiny.Model, options => options.MaxRequestPixels = 1500);

    private static async Task<HttpResponseMessage> BringAsync(TestServer server)
    {
        using var content = new ByteArrayContent(Whole) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        return await server.Http.PostAsync("/studio/api/pictures", content);
    }

    private static string DataUrl(byte[] file) => "data:image/png;base64," + Convert.ToBase64String(file);

    private static async Task<TcpClient> ConnectAsync(TestServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        return client;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
