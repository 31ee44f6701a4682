using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using NexusGen.Imaging;

namespace NexusGen.Tests.Server;

/// <summary>Invalid requests are refused in OpenAI's error format, naming the field.</summary>
public sealed class RequestTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[]}""", 400, "messages")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user"}]}""", 400, "messages[0].content")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"king","content":"x"}]}""", 400, "messages[0].role")]
    [InlineData(
        "/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"audio"}]}]}""", 400,
        "messages[0].content[0].type")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"assistant","content":"x"}]}""", 400, "messages")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"temperature":-1}""", 400, "temperature")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"n":2}""", 400, "n")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"stop":[1]}""", 400, "stop")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"model":"gpt-4o"}""", 404, "model")]
    [InlineData(
        "/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"picture":{"form":"oil"}}""", 400, "picture.form")]
    [InlineData(
        "/v1/chat/completions",
        """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""",
        400, "messages[0].content[0].image_url")]
    [InlineData(
        "/v1/chat/completions",
        """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://10.0.0.1/cat.png"}}]}]}""", 400,
        null)]
    [InlineData(
        "/v1/chat/completions",
        """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}""", 400,
        null)]
    [InlineData("/v1/chat/completions", """{"messages":[null]}""", 400, "messages[0]")]
    [InlineData("/v1/chat/completions", "[]", 400, null)]
    [InlineData("/v1/chat/completions", "null", 400, null)]
    [InlineData("/v1/chat/completions", "", 400, null)]
    [InlineData("/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", 400, null)]
    [InlineData("/v1/images/generations", """{"prompt":" "}""", 400, "prompt")]
    [InlineData("/v1/images/generations", """{"prompt":"x","n":0}""", 400, "n")]
    [InlineData("/v1/images/generations", """{"prompt":"x","n":11}""", 400, "n")]
    [InlineData("/v1/images/generations", """{"prompt":"x","size":"4096x16"}""", 400, "size")]
    [InlineData("/v1/images/generations", """{"prompt":"x","size":"-16x16"}""", 400, "size")]
    [InlineData("/v1/images/generations", """{"prompt":"x","steps":101}""", 400, "steps")]
    [InlineData("/v1/images/generations", """{"prompt":"x","seed":-2}""", 400, "seed")]
    [InlineData("/v1/images/generations", """{"prompt":"x","output_format":"gif"}""", 400, "output_format")]
    [InlineData("/v1/images/generations", """{"prompt":"x","response_format":"paper"}""", 400, "response_format")]
    [InlineData("/v1/images/generations", """{"prompt":"x","n":"two"}""", 400, null)]
    [InlineData("/v1/images/generations", """{"prompt":"x","cfg_scale":1e9}""", 400, "cfg_scale")]
    [InlineData("/v1/images/generations", """{"prompt":"x","fit":"loose"}""", 400, "fit")]
    [InlineData("/v1/images/generations", """{"prompt":"x","seed":"random"}""", 400, "seed")]
    [InlineData(
        "/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"picture":{"steps":0}}""", 400, "picture.steps")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"max_tokens":0}""", 400, "max_tokens")]
    [InlineData(
        "/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"max_completion_tokens":0}""", 400,
        "max_completion_tokens")]
    [InlineData(
        "/v1/responses", """{"input":"x","tools":[{"type":"x"},{"type":"image_generation","size":"1x1"}]}""", 400,
        "tools[1].size")]
    [InlineData(
        "/v1/responses", """{"input":"x","tools":[{"type":"image_generation","action":"dance"}]}""", 400, "tools[0].action")]
    [InlineData("/v1/responses", """{}""", 400, "input")]
    [InlineData("/v1/responses", """{"input":[{"type":"dance"}]}""", 400, "input[0].type")]
    [InlineData(
        "/v1/responses", """{"input":[{"role":"user","content":[{"type":"input_image"}]}]}""", 400,
        "input[0].content[0].image_url")]
    [InlineData("/v1/responses", """{"input":[{"type":"image_generation_call","id":"ig_none"}]}""", 404, "input[0].id")]
    [InlineData("/v1/responses", """{"input":"x","previous_response_id":"resp_none"}""", 404, "previous_response_id")]
    [InlineData("/v1/responses", """{"input":[]}""", 400, "input")]
    public async Task WhatIsWrongIsNamed(string path, string body, int status, string? field)
    {
        using var content = new StringContent(body, null, "application/json");
        using HttpResponseMessage response = await tiny.Server.Http.PostAsync(path, content);
        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("invalid_request_error", (string?)error["type"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)error["message"]));
        if (field is not null)
        {
            Assert.Equal(field, (string?)error["param"]);
            Assert.Contains(field.Split(".id")[0], (string?)error["message"]);
        }
    }

    [Fact]
    public async Task OtherContentTypesAndMethodsAreRefused()
    {
        using var text = new StringContent("{\"prompt\":\"x\"}", null, "text/plain");
        Assert.Equal(
            HttpStatusCode.UnsupportedMediaType,
            (await tiny.Server.Http.PostAsync("/v1/images/generations", text)).StatusCode);
        using var plain = new StringContent("{\"prompt\":\"x\"}", null, "text/plain");
        Assert.Equal(
            HttpStatusCode.UnsupportedMediaType,
            (await tiny.Server.Http.PostAsync("/v1/images/edits", plain)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await tiny.Server.Http.GetAsync("/v1/unknown")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await tiny.Server.Http.GetAsync("/pictures/../../etc/passwd")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await tiny.Server.Http.GetAsync("/pictures/%2e%2e%2fetc%2fpasswd")).StatusCode);
    }

    [Fact]
    public async Task FormsAreChecked()
    {
        async Task<(HttpStatusCode, string?)> Send(params (string Name, object Value)[] fields)
        {
            using var form = new MultipartFormDataContent();
            foreach ((string name, object value) in fields)
            {
                if (value is byte[] bytes)
                {
                    form.Add(
                        new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } },
                        name,
                        "../../picture.png");
                }
                else
                {
                    form.Add(new StringContent((string)value), name);
                }
            }

            using HttpResponseMessage response = await tiny.Server.Http.PostAsync("/v1/images/edits", form);
            return (response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]?["param"]);
        }

        byte[] picture = ImageFile.Encode(RgbImage.FromBytes(new byte[32 * 32 * 3], 32, 32), ImageFormat.Png);
        Assert.Equal((HttpStatusCode.BadRequest, "image"), await Send(("prompt", "x")));
        Assert.Equal((HttpStatusCode.BadRequest, "image"), await Send(("prompt", "x"), ("image", "text"u8.ToArray())));
        Assert.Equal((HttpStatusCode.BadRequest, "mask"), await Send(("prompt", "x"), ("image", picture), ("mask", picture)));
        Assert.Equal((HttpStatusCode.BadRequest, "n"), await Send(("prompt", "x"), ("image", picture), ("n", "two")));
        Assert.Equal((HttpStatusCode.BadRequest, "prompt"), await Send(("image", picture)));
        Assert.Equal(
            (HttpStatusCode.OK, null),
            await Send(("prompt", "make the background white"), ("image[]", picture), ("n", "1"), ("output_format", "webp")));
    }

    [Fact]
    public async Task LimitsHold()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.MaxBodyBytes = 20_000;
            options.MaxPicturePixels = 1000;
            options.MaxPictures = 1;
            options.MaxTextLength = 100;
        });
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge,
            (await server.AskAsync("/v1/images/generations", new JsonObject { ["prompt"] = new string('x', 30_000) })).Status);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await server.AskAsync("/v1/images/generations", new JsonObject { ["prompt"] = new string('x', 101) })).Status);
        JsonObject Asking(int pictures, int side) => new()
        {
            ["max_tokens"] = 1,
            ["messages"] = new JsonArray(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(
                [
                    .. Enumerable.Range(0, pictures).Select(_ =>
                        new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = Url(side) } })
                ]),
            }),
        };
        static string Url(int side) => "data:image/png;base64," + Convert.ToBase64String(
            ImageFile.Encode(RgbImage.FromBytes(new byte[side * side * 3], side, side), ImageFormat.Png));
        (HttpStatusCode status, JsonNode body) = await server.AskAsync("/v1/chat/completions", Asking(1, 40));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_image"), (status, (string?)body["error"]!["code"]));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.AskAsync("/v1/chat/completions", Asking(2, 28))).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync("/v1/chat/completions", Asking(1, 28))).Status);
    }

    [Fact]
    public async Task ARandomSeedIsReturnedAndRepeatsTheReply()
    {
        async Task<JsonNode> AskAsync(string path, string body)
        {
            (HttpStatusCode status, JsonNode reply) = await tiny.Server.AskAsync(path, JsonNode.Parse(body)!);
            Assert.Equal(HttpStatusCode.OK, status);
            return reply;
        }

        async Task<(string Seed, string? Image)> DrawAsync(string more)
        {
            JsonNode reply = await AskAsync("/v1/images/generations", Body("{'prompt':'a red star','steps':1SEED}", more));
            JsonNode data = reply["data"]![0]!;
            return (data["seed"]!.ToString(), (string?)data["b64_json"]);
        }

        (string seed, string? image) = await DrawAsync("");
        (string other, string? otherImage) = await DrawAsync(",'seed':-1");
        Assert.NotEqual(seed, other);
        Assert.NotEqual(image, otherImage);
        Assert.Equal((seed, image), await DrawAsync($",'seed':{seed}"));

        const string chat = "{'messages':[{'role':'user','content':'Draw a picture: a red star'}],'picture':{'steps':1}SEED}";
        JsonNode first = await AskAsync("/v1/chat/completions", Body(chat, ""));
        JsonNode again = await AskAsync("/v1/chat/completions", Body(chat, $",'seed':{first["seed"]}"));
        JsonNode another = await AskAsync("/v1/chat/completions", Body(chat, ""));
        Assert.Equal(first["choices"]!.ToJsonString(), again["choices"]!.ToJsonString());
        Assert.NotEqual(first["seed"]!.ToString(), another["seed"]!.ToString());

        const string respond = "{'input':'Draw a picture: a red star','picture':{'steps':1SEED}}";
        JsonNode response = await AskAsync("/v1/responses", Body(respond, ""));
        JsonNode repeated = await AskAsync("/v1/responses", Body(respond, $",'seed':{response["seed"]}"));
        Assert.Equal(Results(response), Results(repeated));

        static string Body(string form, string seed) =>
            form.Replace("SEED", seed, StringComparison.Ordinal).Replace('\'', '"');
        static IEnumerable<string> Results(JsonNode body) => body["output"]!.AsArray()
            .Where(item => item!["result"] is not null).Select(item => (string)item!["result"]!);
    }

    [Fact]
    public async Task PicturesMayStandInAFieldOfTheirOwn()
    {
        var question = new JsonObject { ["role"] = "user", ["content"] = "Draw a picture: a red star" };
        (_, JsonNode reply) = await tiny.Server.AskAsync(
            "/v1/chat/completions",
            new JsonObject
            {
                ["messages"] = new JsonArray(question),
                ["picture"] = new JsonObject { ["form"] = "images", ["steps"] = 2, ["seed"] = 7 }
            });
        JsonNode message = reply["choices"]![0]!["message"]!;
        Assert.DoesNotContain("data:", (string?)message["content"]);
        Assert.StartsWith("data:image/png;base64,", (string?)message["images"]![0]!["image_url"]!["url"]);

        // The image is sent back in the same form, and the next turn edits it.
        (HttpStatusCode status, JsonNode next) = await tiny.Server.AskAsync("/v1/chat/completions", new JsonObject
        {
            ["messages"] = new JsonArray(
                question.DeepClone(),
                message.DeepClone(),
                new JsonObject { ["role"] = "user", ["content"] = "make the background white" }),
        });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("](data:image/png;base64,", (string?)next["choices"]![0]!["message"]!["content"]);
    }

    [Theory]
    [InlineData(
        "/v1/images/generations", """{"prompt":"a red star","stream":true,"partial_images":2}""",
        "image_generation.partial_image", "image_generation.completed")]
    [InlineData("/v1/images/generations", """{"prompt":"a red star","stream":true}""", null, "image_generation.completed")]
    [InlineData(
        "/v1/responses",
        """{"input":"Draw a picture: a red star","stream":true,"tools":[{"type":"image_generation","partial_images":2}]}""",
        "response.image_generation_call.partial_image", "response.completed")]
    public async Task StreamsTellPartialPictures(string path, string body, string? partial, string last)
    {
        await tiny.Server.AskAsync("/v1/images/generations", new JsonObject { ["prompt"] = "x", ["steps"] = 1 });
        using var content = new StringContent(body, null, "application/json");
        string stream = await (await tiny.Server.Http.PostAsync(path, content)).Content.ReadAsStringAsync();
        string[] names =
        [
            .. stream.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line[7..])
        ];
        Assert.Equal(partial is null ? 0 : 2, names.Count(name => name.EndsWith("partial_image", StringComparison.Ordinal)));
        Assert.Equal(partial is null ? 0 : 2, names.Count(name => name == partial));
        Assert.Equal(last, names[^1]);
    }

    [Fact]
    public async Task TheDocumentNamesFieldsAsTheyAreOnTheWire()
    {
        JsonNode document = JsonNode.Parse(await tiny.Server.Http.GetStringAsync("/openapi/v1.json"))!;
        Assert.Equal(
            [
                "/pictures/{id}", "/studio/api/about", "/studio/api/conversations", "/studio/api/conversations/search",
                "/studio/api/conversations/{id}", "/studio/api/conversations/{id}/turns", "/studio/api/pictures",
                "/studio/api/pictures/delete", "/studio/api/pictures/download", "/studio/api/pictures/favorite",
                "/studio/api/pictures/{id}", "/studio/api/pictures/{id}/family", "/studio/api/pictures/{id}/file",
                "/studio/api/pictures/{id}/thumbnail",
                "/studio/api/search", "/studio/api/settings", "/studio/api/turns/{id}", "/studio/api/turns/{id}/again",
                "/studio/api/turns/{id}/cancel", "/studio/api/turns/{id}/events", "/studio/api/turns/{id}/place",
                "/v1/chat/completions", "/v1/images/edits", "/v1/images/generations", "/v1/images/{id}",
                "/v1/images/{id}/cancel", "/v1/models", "/v1/models/{model}", "/v1/responses", "/v1/responses/{id}",
                "/v1/responses/{id}/cancel"
            ],
            document["paths"]!.AsObject().Select(path => path.Key).Order(StringComparer.Ordinal));
        JsonObject fields = document["components"]!["schemas"]!["ChatRequest"]!["properties"]!.AsObject();
        Assert.True(fields.ContainsKey("max_completion_tokens") && fields.ContainsKey("messages"));
    }
}
