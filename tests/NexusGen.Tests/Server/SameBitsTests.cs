using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Tests.Cli;

namespace NexusGen.Tests.Server;

/// <summary>
/// With one thread and no shared batches, the same request gives the same bits: first in its process, later, by the command and
/// by the server.
/// </summary>
public sealed class SameBitsTests
{
    private static readonly string[] Edits =
    [
        "make the ring green", "make the background black", "remove the star", "add a yellow heart in the lower right corner",
        "make the star bigger", "replace the ring with a square", "make the star blue and the ring red", "把背景改成黄色",
    ];

    private static readonly string[] Descriptions =
    [
        "a red star left of a blue ring", "two green circles", "a big yellow heart on a black background", "three blue squares",
        "a small red ring", "一个红色的圆形", "a purple triangle above a green star", "four orange crosses",
    ];

    [Fact]
    public Task OneEditAndOneDrawing() => CompareAsync(1);

    [Fact]
    [Trait("Category", "Slow")]
    public Task EightEditsAndEightDrawings() => CompareAsync(8);

    private static async Task CompareAsync(int count)
    {
        using var folder = new TemporaryFolder();
        using var model = NexusGenModel.Open(ModelFinder.FindTiny());
        RgbImage source = (await model.GenerateAsync(new GenerateRequest(Descriptions[0]))).Images[0].Image;
        ImageFile.Write(folder["source.png"], source);
        await using var server = await ServedModel.StartAsync();
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < count; i++)
            {
                RgbImage drawn = await ByCommandAsync(folder, "generate", Descriptions[i]);
                Assert.Equal(drawn, await server.GenerateAsync(Descriptions[i]));
                RgbImage edited = await ByCommandAsync(folder, "edit", Edits[i], "--image", folder["source.png"]);
                Assert.Equal(edited, await server.EditAsync(Edits[i], folder["source.png"]));
            }
        }
    }

    private static async Task<RgbImage> ByCommandAsync(TemporaryFolder folder, string command, string text, params string[] more)
    {
        using Process process = ProcessTests.Start(
            [
                command, text, "--model", ModelFinder.FindTiny(), "--seed", "5", "--threads", "1",
                "--output", folder["command.png"], .. more
            ]);
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == ExitCode.Success, await error);
        return ImageFile.Read(folder["command.png"]);
    }

    private sealed class ServedModel(Process process, HttpClient http) : IAsyncDisposable
    {
        public static async Task<ServedModel> StartAsync()
        {
            string port = FreePort();
            Process process = ProcessTests.Start(
                [
                    "serve", "--model", ModelFinder.FindTiny(), "--port", port, "--threads", "1", "--batch", "1",
                    "--gallery", "none"
                ]);
            _ = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}"), Timeout = TimeSpan.FromMinutes(5) };
            for (int i = 0; i < 600; i++)
            {
                try
                {
                    if ((await http.GetAsync("/health/ready")).IsSuccessStatusCode)
                    {
                        break;
                    }
                }
                catch (HttpRequestException)
                {
                    // It does not listen yet.
                }

                await Task.Delay(200);
            }

            return new ServedModel(process, http);
        }

        public async Task<RgbImage> GenerateAsync(string text) => Image(await http.PostAsync(
            "/v1/images/generations",
            new StringContent(
                new JsonObject { ["prompt"] = text, ["seed"] = 5 }.ToJsonString(),
                new MediaTypeHeaderValue("application/json"))));

        public async Task<RgbImage> EditAsync(string text, string file)
        {
            using var form = new MultipartFormDataContent
            {
                { new ByteArrayContent(await File.ReadAllBytesAsync(file)), "image", "source.png" },
                { new StringContent(text), "prompt" },
                { new StringContent("5"), "seed" },
            };
            return Image(await http.PostAsync("/v1/images/edits", form));
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        private static string FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        }

        private static RgbImage Image(HttpResponseMessage response)
        {
            JsonNode body = JsonNode.Parse(response.Content.ReadAsStringAsync().GetAwaiter().GetResult())!;
            Assert.True(response.IsSuccessStatusCode, body.ToJsonString());
            return ImageFile.Read(Convert.FromBase64String((string)body["data"]![0]!["b64_json"]!));
        }
    }
}
