using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Tests.Imaging;

namespace NexusGen.Tests.Server;

/// <summary>What the studio reads of files that users bring: how this program generated them, and nothing else.</summary>
public sealed class FileOriginTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private readonly HttpClient _http = tiny.Server.Http;

    [Fact]
    public async Task APictureThatWasDrawnHereComesBackWithItsOrigin()
    {
        var studio = new StudioClient(_http);
        JsonObject turn = StudioClient.Turn("a red star\n一个星星", "draw", 2);
        turn["picture"] = new JsonObject
        {
            ["steps"] = 2,
            ["seed"] = 77,
            ["cfg_scale"] = 1.5,
            ["size"] = "64x32",
        };
        string id = (string)StudioClient.Picture(await studio.AskAsync(turn))["id"]!;
        JsonNode brought = await BringAsync(await studio.FileAsync(id));
        Assert.Equal(("brought", ""), ((string?)brought["kind"], (string?)brought["prompt"]));
        Assert.Equal(
            """{"prompt":"a red star\n一个星星","seed":77,"steps":2,"cfg_scale":1.5,"width":64,"height":32}""",
            Text(brought["origin"]));

        // Only the answer to the file has it: the picture is the user's.
        using HttpResponseMessage later = await _http.GetAsync($"/studio/api/pictures/{brought["id"]}");
        Assert.Null((await later.Content.ReadFromJsonAsync<JsonNode>())!["origin"]);
        Assert.Empty(ImageFile.ReadParameters(await studio.FileAsync((string)brought["id"]!)));

        // Nor does a file that was saved without parameters.
        byte[] bare = await _http.GetByteArrayAsync($"/studio/api/pictures/{id}/file?parameters=false");
        Assert.Null((await BringAsync(bare))["origin"]);
    }

    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public async Task OtherFormatsHaveOneToo(ImageFormat format)
    {
        JsonNode? origin = (await BringAsync(
            format,
            ("instruction", "make it blue"),
            ("negative_prompt", "red"),
            ("model", "m"),
            ("seed", "0"),
            ("steps", "4")))["origin"];
        Assert.Equal(
            """{"prompt":"make it blue","negative_prompt":"red","seed":0,"steps":4,"width":16,"height":8}""", Text(origin));
    }

    [Fact]
    public async Task OnlyValidValuesOfKnownFieldsAreTaken()
    {
        JsonNode? origin = (await BringAsync(
            ImageFormat.Png,
            ("prompt", "  <script>alert(1)</script>\u0001\u001b[31m star  "),
            ("model", "m"),
            ("seed", "-5"),
            ("steps", "100000000000000000000"),
            ("cfg_scale", "NaN"),
            ("negative_prompt", "\u0007"),
            ("key", "secret"),
            ("width", "99999")))["origin"];
        Assert.Equal("""{"prompt":"<script>alert(1)</script>[31m star","width":16,"height":8}""", Text(origin));
        origin = (await BringAsync(
            ImageFormat.Png,
            ("prompt", "a star"),
            ("model", "m"),
            ("seed", "9007199254740992"),
            ("steps", "0"),
            ("cfg_scale", "-100.5"),
            ("negative_prompt", new string('x', 200_000))))["origin"];
        Assert.Equal("""{"prompt":"a star","width":16,"height":8}""", Text(origin));
    }

    [Fact]
    public async Task TextsOfOtherProgramsAreNoOrigin()
    {
        Assert.Null((await BringAsync(ImageFormat.Png, ("prompt", """{"3":{"class_type":"KSampler"}}""")))["origin"]);
        Assert.Null((await BringAsync(ImageFormat.Png, ("parameters", "a star\nSteps: 20, Seed: 5")))["origin"]);
        Assert.Null((await BringAsync(ImageFormat.Png, ("model", "m"), ("seed", "5"), ("steps", "4")))["origin"]);
        Assert.Null((await BringAsync(
            ImageFormat.Png, ("prompt", new string('x', 200_000)), ("model", "m"), ("seed", "5"), ("steps", "4")))["origin"]);
        Assert.Null((await BringAsync(ImageFormat.Png))["origin"]);
    }

    private static string Text(JsonNode? origin) => origin!.ToJsonString(new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private Task<JsonNode> BringAsync(ImageFormat format, params (string Key, string Value)[] parameters) => BringAsync(
        ImageFile.Encode(
            Pictures.Smooth(16, 8),
            format,
            new() { Parameters = parameters.ToDictionary(pair => pair.Key, pair => pair.Value) }));

    private async Task<JsonNode> BringAsync(byte[] file)
    {
        using var content = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using HttpResponseMessage response = await _http.PostAsync("/studio/api/pictures", content);
        Assert.True(response.IsSuccessStatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }
}
