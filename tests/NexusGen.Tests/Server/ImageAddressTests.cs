using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NexusGen.Imaging;

namespace NexusGen.Tests.Server;

/// <summary>Images that requests name: the server's own addresses, data URLs of every form, and the JSON form of edits.</summary>
public sealed class ImageAddressTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task TheServersOwnAddressesAreReadWithoutANetwork()
    {
        (_, JsonNode drawn) = await tiny.Server.AskAsync(
            "/v1/images/generations", new JsonObject { ["prompt"] = "a red star", ["seed"] = 5, ["response_format"] = "url" });
        string url = (string)drawn["data"]![0]!["url"]!;
        byte[] file = await tiny.Server.Http.GetByteArrayAsync(url);
        string[] forms = [url, new Uri(url).AbsolutePath, url.Replace("127.0.0.1", "studio.example", StringComparison.Ordinal)];
        string? expected = await DescribeAsync(tiny.Server, DataUrl(file));
        Assert.Contains("red", expected);
        foreach (string form in forms)
        {
            Assert.Equal(expected, await DescribeAsync(tiny.Server, form));
        }
    }

    [Fact]
    public async Task AnAddressOfAnImageIsAsGoodAsAtItsPage()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options => options.ApiKeys.Add("a-right-key"));
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-right-key");
        (_, JsonNode drawn) = await server.AskAsync(
            "/v1/images/generations", new JsonObject { ["prompt"] = "a red star", ["steps"] = 1, ["response_format"] = "url" });
        await DescribeAsync(server, (string)drawn["data"]![0]!["url"]!);

        // The names of the items of a response, and of images of the tools, are no addresses.
        (_, JsonNode response) = await server.AskAsync(
            "/v1/responses",
            new JsonObject { ["input"] = "Draw a picture: a red star", ["picture"] = new JsonObject { ["steps"] = 1 } });
        string id = (string)response["output"]!.AsArray().Last(item => item!["result"] is not null)!["id"]!;
        string[] addresses = ["/pictures/" + id, "/pictures/none", "/pictures/", "/etc/passwd", "//host/pictures/x"];
        foreach (string address in addresses)
        {
            (HttpStatusCode status, JsonNode body) = await AskAsync(server, address);
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_image_url"), (status, (string?)body["error"]!["code"]));
        }
    }

    [Fact]
    public async Task DataUrlsAreReadInEveryForm()
    {
        byte[] file = await StarAsync();
        string text = Convert.ToBase64String(file), expected = (await DescribeAsync(tiny.Server, DataUrl(file)))!;
        Assert.Contains("red", expected);
        string[] forms =
        [
            "data:image/png;base64," + Uri.EscapeDataString(text),
            "data:image/png;base64," + text.TrimEnd('='),
            "DATA:image/PNG;name=star.png;BASE64," + text.Insert(40, "\r\n "),
            "data:image/png," + string.Concat(file.Select(value => $"%{value:X2}")),
        ];
        foreach (string form in forms)
        {
            Assert.Equal(expected, await DescribeAsync(tiny.Server, form));
        }
    }

    [Fact]
    public async Task AnEditMayComeAsJson()
    {
        byte[] file = await StarAsync();
        byte[] black = ImageFile.Encode(RgbImage.FromBytes(new byte[28 * 28 * 3], 28, 28), ImageFormat.Png);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(file), "image", "star.png" },
            { new StringContent("make the background white"), "prompt" },
            { new StringContent("7"), "seed" },
        };
        using HttpResponseMessage expected = await tiny.Server.Http.PostAsync("/v1/images/edits", form);
        (HttpStatusCode status, JsonNode body) = await tiny.Server.AskAsync("/v1/images/edits", new JsonObject
        {
            ["prompt"] = "make the background white",
            ["seed"] = 7,
            ["mask"] = null,
            ["images"] = new JsonArray(
                new JsonObject { ["image_url"] = DataUrl(black) },
                new JsonObject { ["image_url"] = DataUrl(file) }),
        });
        Assert.Equal(HttpStatusCode.OK, status);
        JsonNode other = (await expected.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal((string?)other["data"]![0]!["b64_json"], (string?)body["data"]![0]!["b64_json"]);
    }

    [Fact]
    public async Task AnEditAsJsonMayBeAStream()
    {
        using HttpResponseMessage response = await tiny.Server.PostAsync("/v1/images/edits", new JsonObject
        {
            ["prompt"] = "make the background white",
            ["steps"] = 1,
            ["stream"] = true,
            ["images"] = new JsonArray(new JsonObject { ["image_url"] = DataUrl(await StarAsync()) }),
        });
        Assert.Contains("event: image_edit.completed", await response.Content.ReadAsStringAsync());
    }

    private static string DataUrl(byte[] file) => "data:image/png;base64," + Convert.ToBase64String(file);

    private static Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(TestServer server, string address) =>
        server.AskAsync("/v1/chat/completions", new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(
                    new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = address } },
                    new JsonObject { ["type"] = "text", ["text"] = "describe this picture" }),
            }),
            ["temperature"] = 0,
        });

    private static async Task<string?> DescribeAsync(TestServer server, string address)
    {
        (HttpStatusCode status, JsonNode body) = await AskAsync(server, address);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return (string?)body["choices"]![0]!["message"]!["content"];
    }

    private async Task<byte[]> StarAsync()
    {
        (_, JsonNode drawn) = await tiny.Server.AskAsync(
            "/v1/images/generations", new JsonObject { ["prompt"] = "a red star", ["seed"] = 5 });
        return Convert.FromBase64String((string)drawn["data"]![0]!["b64_json"]!);
    }
}
