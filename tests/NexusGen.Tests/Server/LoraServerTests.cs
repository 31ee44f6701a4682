using System.Net;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Server;

/// <summary>Requests of OpenAI's API name LoRAs of the server's folder.</summary>
public sealed class LoraServerTests(LoraServer lora) : IClassFixture<LoraServer>
{
    private const string Model = LoraServer.Model;

    private static readonly string[] BadNames =
    [
        "../style", "sub/../style", "/etc/passwd", "style.safetensors", "sub", "Style", "", " ", "..", "%2e%2e/style",
        "style+../style", "sub\\other", "talk/adapter_model", "none=0.5",
    ];

    [Fact]
    public async Task TheModelIsListedAloneAndWithEachLora()
    {
        JsonNode list = JsonNode.Parse(await lora.Server.Http.GetStringAsync("/v1/models"))!;
        Assert.Equal(
            [
                $"{Model} - -", $"{Model}:foreign {Model} decoders", $"{Model}:style {Model} decoders",
                $"{Model}:sub/other {Model} decoders", $"{Model}:talk {Model} language_model",
            ],
            list["data"]!.AsArray().Select(model => $"{model!["id"]} {model["parent"] ?? "-"} {model["applies_to"] ?? "-"}"));
        foreach (string id in (string[])[Model, $"{Model}:style", $"{Model}:sub/other", $"{Model}:style=0.5+talk"])
        {
            foreach (string address in (string[])[id, Uri.EscapeDataString(id)])
            {
                JsonNode one = JsonNode.Parse(await lora.Server.Http.GetStringAsync($"/v1/models/{address}"))!;
                Assert.Equal(id, (string?)one["id"]);
                Assert.Equal(id == Model ? null : Model, (string?)one["parent"]);
            }
        }

        using HttpResponseMessage missing = await lora.Server.Http.GetAsync($"/v1/models/{Model}:none");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task AllFormsDrawTheSameAndTheNextRequestIsAsBefore()
    {
        string plain = await lora.DrawAsync(), style = await lora.DrawAsync($"{Model}:style=0.5");
        Assert.NotEqual(plain, style);
        Assert.Equal(style, await lora.DrawAsync(Model, """[{"name": "style", "strength": 0.5}]"""));
        Assert.Equal(style, await lora.DrawAsync(null, """["style=0.5"]"""));
        Assert.Equal(style, await lora.DrawAsync(null, "\"style=0.5\""));
        Assert.Equal(style, await lora.DrawAsync($"{Model}:style=0.25", """["style=0.25"]"""));
        Assert.Equal(style, await lora.DrawAsync($"{Model}:style=0.25+style=0.25"));
        Assert.NotEqual(style, await lora.DrawAsync($"{Model}:style"));
        string both = await lora.DrawAsync($"{Model}:style=0.5+sub/other");
        Assert.Equal(both, await lora.DrawAsync($"{Model}:sub/other", """["style=0.5"]"""));
        Assert.NotEqual(both, style);
        Assert.Equal(plain, await lora.DrawAsync($"{Model}:style=0"));
        Assert.Equal(plain, await lora.DrawAsync(Model));
    }

    [Fact]
    public async Task AnAdapterChangesTextsAndImagesAndALoraOfTheDecodersNoText()
    {
        string plain = await SayAsync(null), talk = await SayAsync($"{Model}:talk");
        Assert.NotEqual(plain, talk);
        Assert.Equal(talk, await SayAsync(Model, """["talk"]"""));
        Assert.Equal(plain, await SayAsync($"{Model}:style"));
        Assert.Equal(plain, await SayAsync(null));
        Assert.NotEqual(await lora.DrawAsync(), await lora.DrawAsync($"{Model}:talk"));
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/responses")]
    public async Task ConversationsDrawWithThemAndTheReplySaysWhatWasAsked(string path)
    {
        string with = $"{Model}:style=0.5";
        JsonObject request = path.EndsWith("responses", StringComparison.Ordinal)
            ? new JsonObject { ["input"] = "a red star" }
            : new JsonObject { ["messages"] = JsonNode.Parse("""[{"role": "user", "content": "a red star"}]""") };
        request["picture"] = JsonNode.Parse("""{"action": "draw", "steps": 1, "cfg_scale": 1, "seed": 7, "form": "images"}""");
        JsonNode plain = await AskAsync(request), styled = await AskAsync(request, with);
        request["loras"] = JsonNode.Parse("""["style=0.5"]""");
        JsonNode field = await AskAsync(request);
        Assert.Equal((Model, with, Model), ((string?)plain["model"], (string?)styled["model"], (string?)field["model"]));
        Assert.Equal(Image(styled), Image(field));
        Assert.NotEqual(Image(styled), Image(plain));

        async Task<JsonNode> AskAsync(JsonObject body, string? model = null)
        {
            body = body.DeepClone().AsObject();
            body["model"] = model;
            (HttpStatusCode status, JsonNode answer) = await lora.Server.AskAsync(path, body);
            Assert.True(status == HttpStatusCode.OK, answer.ToJsonString());
            return answer;
        }

        static string Image(JsonNode answer) =>
            (string)(answer["choices"]?[0]!["message"]!["images"]![0]!["image_url"]!["url"]
                ?? answer["output"]!.AsArray().Single(item => (string?)item!["type"] == "image_generation_call")!["result"])!;
    }

    [Fact]
    public async Task AFormEditsWithThem()
    {
        byte[] image = Convert.FromBase64String(await lora.DrawAsync());
        string plain = await EditAsync(), style = await EditAsync(("model", $"{Model}:style=0.5"));
        Assert.NotEqual(plain, style);
        Assert.Equal(style, await EditAsync(("loras", "style=0.5")));
        Assert.Equal(style, await EditAsync(("loras", """[{"name": "style", "strength": 0.5}]""")));
        Assert.Equal(style, await EditAsync(("loras[]", "style=0.25"), ("loras[]", "style=0.25")));
        Assert.Contains("not valid JSON", await EditAsync(("loras", "[{")));

        async Task<string> EditAsync(params (string Name, string Value)[] fields)
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(image), "image", "a.png" } };
            foreach ((string name, string value) in fields.Concat(
                [("prompt", "make it blue"), ("steps", "1"), ("seed", "7"), ("cfg_scale", "1")]))
            {
                form.Add(new StringContent(value), name);
            }

            using HttpResponseMessage response = await lora.Server.Http.PostAsync("/v1/images/edits", form);
            JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            return (string)(body["data"]?[0]!["b64_json"] ?? body["error"]!["message"])!;
        }
    }

    [Fact]
    public async Task NamesLeadNowhereElse()
    {
        foreach (string name in BadNames)
        {
            foreach ((HttpStatusCode status, JsonNode body) in ((HttpStatusCode, JsonNode)[])
                [
                    await lora.AskAsync($"{Model}:{name}"),
                    await lora.AskAsync(null, new JsonArray(new JsonObject { ["name"] = name }).ToJsonString()),
                    await lora.Server.AskAsync("/v1/chat/completions", Chat($"{Model}:{name}")),
                    await lora.Server.AskAsync(
                        "/v1/responses", new JsonObject { ["input"] = "x", ["model"] = $"{Model}:{name}" }),
                ])
            {
                string message = (string)body["error"]!["message"]!;
                Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), (status, (string?)body["error"]!["code"]));
                Assert.Contains("sub/other", message);
                Assert.DoesNotContain("broken", message);
                Assert.DoesNotContain(lora.Folder, message);
            }
        }

        (HttpStatusCode other, JsonNode told) = await lora.AskAsync("gpt-5:style");
        Assert.Equal(HttpStatusCode.NotFound, other);
        Assert.Contains($"{Model}:style", (string?)told["error"]!["message"]);
    }

    [Theory]
    [InlineData("style=much", "a number from -100 to 100")]
    [InlineData("style=1e9", "a number from -100 to 100")]
    [InlineData("broken", "broken.safetensors")]
    [InlineData("foreign", "foreign.safetensors")]
    [InlineData("style+broken=0.5", "broken.safetensors")]
    public async Task WhatCantBeUsedIsToldInASentenceAndTheServerGoesOn(string name, string word)
    {
        foreach (bool streamed in (bool[])[false, true])
        {
            (HttpStatusCode status, JsonNode body) = await lora.Server.AskAsync("/v1/images/generations", new JsonObject
            {
                ["model"] = $"{Model}:{name}",
                ["prompt"] = "a red star",
                ["steps"] = 1,
                ["stream"] = streamed,
            });
            string message = (string)body["error"]!["message"]!;
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(word, message);
            Assert.DoesNotContain(lora.Folder, message);
        }

        await lora.DrawAsync();
    }

    [Fact]
    public async Task FilesComeChangeAndGoWhileTheServerRuns()
    {
        string path = Path.Combine(lora.Folder, "fresh.safetensors");
        Assert.Equal(HttpStatusCode.NotFound, (await lora.AskAsync($"{Model}:fresh")).Status);
        File.Copy(Path.Combine(lora.Folder, "style.safetensors"), path);
        Assert.Equal(await lora.DrawAsync($"{Model}:style"), await lora.DrawAsync($"{Model}:fresh"));
        File.Copy(Path.Combine(lora.Folder, "sub", "other.safetensors"), path, overwrite: true);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(await lora.DrawAsync($"{Model}:sub/other"), await lora.DrawAsync($"{Model}:fresh"));
        File.Delete(path);
        Assert.Equal(HttpStatusCode.NotFound, (await lora.AskAsync($"{Model}:fresh")).Status);
    }

    [Fact]
    public async Task AServerWithoutAFolderSaysThatItHasNone()
    {
        await using TestServer server = await TestServer.StartAsync(lora.Opened);
        (HttpStatusCode status, JsonNode body) = await server.AskAsync("/v1/chat/completions", Chat($"{Model}:style"));
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal($"There is no such model here; this server has {Model}.", (string?)body["error"]!["message"]);
        JsonObject field = Chat(Model);
        field["loras"] = new JsonArray("style");
        (status, body) = await server.AskAsync("/v1/chat/completions", field);
        Assert.Equal((HttpStatusCode.NotFound, "This server has no LoRAs."), (status, (string?)body["error"]!["message"]));
    }

    // The work is computed by the next server, with the LoRA as it is then; one that has gone is told and not left out.
    [Fact]
    public async Task WorkOfTheBackgroundKeepsThem()
    {
        using var folder = new TemporaryFolder();
        string gone = RandomLora.WriteFlux(ModelFinder.FindTiny(), Path.Combine(lora.Folder, "gone.safetensors"), 5);
        string[] ids;
        await using (EngineBrake brake = await EngineBrake.StartAsync(lora.Opened))
        {
            await using TestServer first = await lora.StartAsync(options => options.Background = folder["background.db"]);
            var client = new BackgroundClient(first.Http);
            ids =
            [
                (string)(await client.PostAsync("/v1/images/generations", Image($"{Model}:style=0.5")))["id"]!,
                (string)(await client.PostAsync("/v1/images/generations", Image($"{Model}:gone")))["id"]!,
            ];
            Task stopped = first.StopAsync();
            brake.Release();
            await stopped;
        }

        File.Delete(gone);
        await using TestServer second = await lora.StartAsync(options => options.Background = folder["background.db"]);
        var next = new BackgroundClient(second.Http);
        JsonNode ended = await next.EndAsync($"/v1/images/{ids[0]}"), failed = await next.EndAsync($"/v1/images/{ids[1]}");
        Assert.Equal(await lora.DrawAsync($"{Model}:style=0.5"), (string?)ended["data"]![0]!["b64_json"]);
        Assert.Equal(("failed", "model_not_found"), ((string?)failed["status"], (string?)failed["error"]!["code"]));

        static JsonObject Image(string model) => new()
        {
            ["model"] = model,
            ["prompt"] = "a red star",
            ["seed"] = 7,
            ["steps"] = 1,
            ["cfg_scale"] = 1,
            ["async"] = true,
        };
    }

    // Each as alone: the rows of a batch have their own changes.
    [Fact]
    public async Task RequestsWithDifferentLorasRunTogether()
    {
        using var model = NexusGenModel.Open(ModelFinder.FindTiny(), new() { MaxBatch = 4 });
        await using TestServer server = await TestServer.StartAsync(model, options => options.Loras = lora.Folder);
        string?[] models = [null, $"{Model}:style", $"{Model}:sub/other=0.5", $"{Model}:style=0.5+talk"];
        (HttpStatusCode Status, JsonNode Body)[] together = await Task.WhenAll(models.Select(name =>
            server.AskAsync("/v1/images/generations", new JsonObject
            {
                ["model"] = name,
                ["prompt"] = "a red star",
                ["seed"] = 7,
                ["steps"] = 1,
                ["cfg_scale"] = 1,
            })));
        foreach ((string? name, (HttpStatusCode _, JsonNode body)) in models.Zip(together))
        {
            RgbImage alone = Read(await lora.DrawAsync(name)), shared = Read((string)body["data"]![0]!["b64_json"]!);
            Assert.True(ImageQuality.Psnr(alone, shared) > 45, name);
        }

        static RgbImage Read(string file) => ImageFile.Read(Convert.FromBase64String(file));
    }

    private static JsonObject Chat(string? model) => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "What do you see?" }),
        ["max_tokens"] = 12,
        ["temperature"] = 0,
        ["picture"] = new JsonObject { ["action"] = "ask" },
    };

    private async Task<string> SayAsync(string? model, string? loras = null)
    {
        JsonObject request = Chat(model);
        request["loras"] = loras is null ? null : JsonNode.Parse(loras);
        (HttpStatusCode status, JsonNode body) = await lora.Server.AskAsync("/v1/chat/completions", request);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return (string)body["choices"]![0]!["message"]!["content"]!;
    }
}
