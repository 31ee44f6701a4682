using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

/// <summary>The OpenAPI document is valid, and says what the server accepts and answers.</summary>
public sealed class OpenApiTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    /// <summary>Operations with a minimal body, for which the fields of the document are tried.</summary>
    public static TheoryData<string, string> Operations => new()
    {
        { "/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}]}""" },
        { "/v1/images/generations", """{"prompt":"x"}""" },
        { "/v1/responses", """{"input":"x"}""" },
        { "/studio/api/conversations/{id}/turns", """{"text":"x"}""" },
        { "/studio/api/search", "{}" },
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TheDocumentIsValid(bool keys)
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            if (keys)
            {
                options.ApiKeys.Add("a-right-key");
            }
        });
        string text = await server.Http.GetStringAsync("/openapi/v1.json");
        var settings = new Microsoft.OpenApi.Reader.OpenApiReaderSettings
        {
            RuleSet = ValidationRuleSet.GetDefaultRuleSet(),
        };
        Microsoft.OpenApi.Reader.ReadResult read = OpenApiDocument.Parse(text, "json", settings);
        Assert.Empty(read.Diagnostic!.Errors.Select(error => error.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(warning => warning.ToString()));

        // A server with keys requires one, except for generated images by their address.
        JsonNode document = JsonNode.Parse(text)!;
        Assert.Equal(keys ? 1 : 2, document["security"]!.AsArray().Count);
        Assert.Equal("bearer", (string?)document["components"]!["securitySchemes"]!["key"]!["scheme"]);
        Assert.Empty(document["paths"]!["/pictures/{id}"]!["get"]!["security"]!.AsArray());
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task WhatIsInTheDocumentsRangesIsAcceptedAndNothingElse(string path, string minimal)
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            options.MaxRunning = 1;
            options.RequestTimeout = TimeSpan.FromMilliseconds(1);
        });

        // Valid requests wait until their time is over: the model is busy.
        using IDisposable busy = await server.Services.GetRequiredService<WorkQueue>().EnterAsync("another");
        JsonNode document = await DocumentAsync(server);
        JsonNode schema = Resolve(document, Body(document, path)["application/json"]!["schema"]!);
        path = path.Replace("{id}", await new StudioClient(server.Http).CreateAsync(), StringComparison.Ordinal);
        Assert.NotEqual(400, await AskAsync(server, path, JsonNode.Parse(minimal)!));
        foreach (string name in (schema["required"]?.AsArray() ?? []).Select(name => (string)name!))
        {
            JsonObject body = JsonNode.Parse(minimal)!.AsObject();
            body.Remove(name);
            Assert.Equal(400, await AskAsync(server, path, body));
        }

        int tried = 0;
        foreach ((string field, JsonNode? value, bool valid) in Values(document, schema))
        {
            JsonObject body = JsonNode.Parse(minimal)!.AsObject();
            Set(body, field, value);
            using HttpResponseMessage response = await server.PostAsync(path, body);
            string text = await response.Content.ReadAsStringAsync();

            // Another field can be missing for a valid value: a picture for the action edit.
            bool refused = response.StatusCode == HttpStatusCode.BadRequest
                && (!valid || (string?)JsonNode.Parse(text)!["error"]!["param"] == field);
            Assert.True(valid != refused, $"{body.ToJsonString()} was answered with {text}");
            tried++;
        }

        Assert.True(tried >= 6, $"{tried} values");

        // What still waits in the background is left.
        await server.StopAsync();
    }

    [Fact]
    public async Task AFormMayHaveAnImageOrSeveral()
    {
        JsonNode document = await DocumentAsync(tiny.Server);
        JsonNode form = Body(document, "/v1/images/edits")["multipart/form-data"]!["schema"]!["allOf"]!;
        Assert.True(Resolve(document, form[0]!)["properties"]!.AsObject().ContainsKey("prompt"));
        JsonObject images = form[1]!["properties"]!.AsObject();
        Assert.Equal(["image", "image[]"], images.Select(image => image.Key));
        Assert.Equal(2, images["image"]!["anyOf"]!.AsArray().Count);
        byte[] file = Convert.FromBase64String(Pixel);
        foreach ((string name, int count) in ((string, int)[])[("image", 1), ("image", 2), ("image[]", 2)])
        {
            using var content = new MultipartFormDataContent { { new StringContent("make it red"), "prompt" } };
            content.Add(new StringContent("1"), "steps");
            for (int i = 0; i < count; i++)
            {
                var part = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
                content.Add(part, name, "a.png");
            }

            using HttpResponseMessage response = await tiny.Server.Http.PostAsync("/v1/images/edits", content);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task FilesStreamsAndEmptyAnswersAreDescribed()
    {
        JsonNode document = await DocumentAsync(tiny.Server);
        string[] Types(string path, string method, string status = "200")
        {
            JsonNode response = document["paths"]![path]![method]!["responses"]![status]!;
            return [.. (response["content"]?.AsObject() ?? []).Select(type => type.Key)];
        }

        Assert.Equal(["image/png", "image/jpeg", "image/webp"], Types("/pictures/{id}", "get"));
        Assert.Equal(["image/png", "image/jpeg"], Types("/studio/api/pictures/{id}/file", "get"));
        Assert.Equal(["application/zip"], Types("/studio/api/pictures/download", "post"));
        Assert.Equal(["image/webp"], Types("/studio/api/pictures/{id}/thumbnail", "get"));
        Assert.Empty(Types("/studio/api/pictures/{id}", "delete", "204"));
        Assert.Equal(["text/event-stream"], Types("/studio/api/turns/{id}/events", "get"));
        foreach (string path in (string[])
            ["/v1/chat/completions", "/v1/images/generations", "/v1/images/edits", "/v1/responses"])
        {
            Assert.Equal(["application/json", "text/event-stream"], Types(path, "post"));
            Assert.Equal(["application/json"], Types(path, "post", "429"));
        }

        foreach ((string path, JsonNode? item) in document["paths"]!.AsObject())
        {
            Assert.False(item!.AsObject().ContainsKey("head"));
            foreach ((string method, JsonNode? operation) in item.AsObject())
            {
                JsonObject responses = operation!["responses"]!.AsObject();
                Assert.True(responses.Any(response => response.Key.StartsWith('2')), $"{method} {path}");
                Assert.True(responses.ContainsKey("404") && responses.ContainsKey("500"), $"{method} {path}");
            }
        }
    }

    // Values at the bounds of each field and beyond them, of other types, and words.
    private static IEnumerable<(string Field, JsonNode? Value, bool Valid)> Values(
        JsonNode document, JsonNode schema, string parent = "")
    {
        foreach ((string name, JsonNode? property) in schema["properties"]!.AsObject())
        {
            JsonNode field = property!["oneOf"] is JsonArray choice ? Resolve(document, choice[1]!) : property;
            string[] types = field["type"] is JsonArray list
                ? [.. list.Select(type => (string)type!)]
                : [(string?)field["type"] ?? ""];
            string path = parent + name;
            if (types.Contains("object") && parent.Length == 0 && name == "picture")
            {
                foreach ((string, JsonNode?, bool) value in Values(document, field, $"{name}."))
                {
                    yield return value;
                }
            }
            else if (types.Contains("integer") || types.Contains("number"))
            {
                bool isInteger = types.Contains("integer");
                Assert.DoesNotContain("string", types);
                yield return (path, JsonNode.Parse("null"), types.Contains("null"));
                yield return (path, "1", false);
                yield return (path, true, false);
                if (isInteger)
                {
                    yield return (path, 1.5, false);
                }

                foreach (int sign in (int[])[-1, 1])
                {
                    if (field[sign < 0 ? "minimum" : "maximum"] is { } bound)
                    {
                        double value = double.Parse(bound.ToJsonString(), CultureInfo.InvariantCulture);
                        yield return (path, Number(value), true);
                        yield return (path, Number(isInteger ? value + sign : value + (sign * 0.01)), false);
                    }
                }
            }
            else if (field["enum"] is JsonArray words)
            {
                foreach (JsonNode? word in words)
                {
                    yield return (path, word?.DeepClone(), true);
                }

                yield return (path, "another", false);
            }
            else if (field["pattern"] is not null)
            {
                yield return (path, "512x512", true);
                yield return (path, "auto", true);
                yield return (path, "wide", false);
            }
        }
    }

    private static JsonNode Number(double value) => value == Math.Floor(value) ? (JsonNode)(long)value : value;

    private static void Set(JsonObject body, string field, JsonNode? value)
    {
        string[] names = field.Split('.');
        if (names.Length == 1)
        {
            body[names[0]] = value;
        }
        else
        {
            body[names[0]] = new JsonObject { [names[1]] = value };
        }
    }

    private static async Task<int> AskAsync(TestServer server, string path, JsonNode body)
    {
        using HttpResponseMessage response = await server.PostAsync(path, body);
        return (int)response.StatusCode;
    }

    private static async Task<JsonNode> DocumentAsync(TestServer server) =>
        JsonNode.Parse(await server.Http.GetStringAsync("/openapi/v1.json"))!;

    private static JsonNode Body(JsonNode document, string path) =>
        document["paths"]![path]!["post"]!["requestBody"]!["content"]!;

    private static JsonNode Resolve(JsonNode document, JsonNode schema) => schema["$ref"] is { } reference
        ? document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!
        : schema;
}
