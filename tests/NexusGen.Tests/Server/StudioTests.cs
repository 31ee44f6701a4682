using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NexusGen.Imaging;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>The requests of the studio's page to the server, and the files of the page.</summary>
public sealed class StudioTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private readonly HttpClient _http = tiny.Server.Http;
    private readonly StudioClient _studio = new(tiny.Server.Http);

    [Fact]
    public async Task AConversationDrawsEditsAndFillsTheGallery()
    {
        string conversation = await _studio.CreateAsync();
        JsonObject first = StudioClient.Turn("a red star left of a blue ring");
        first["picture"] = new JsonObject { ["seed"] = 5 };
        List<JsonNode> drawn = await _studio.AskAsync(first, conversation);
        Assert.Equal(["queued", "begun", "text"], drawn.Take(3).Select(StudioClient.Type));
        Assert.Equal("done", StudioClient.Type(drawn[^1]));
        Assert.Contains("image", StudioClient.Text(drawn));
        Assert.Equal(tiny.Model.Configuration.Defaults.Generate.Steps, drawn.Max(piece => (int?)piece["steps"]));
        Assert.True(drawn.Count(piece => piece["preview"] is not null) >= 3);
        JsonNode star = StudioClient.Picture(drawn);
        Assert.Equal(
            ("drawn", 5, "a red star left of a blue ring", 112),
            ((string?)star["kind"], (int?)star["seed"], (string?)star["prompt"], (int?)star["width"]));

        // The page shows which image the next turn changes, and names it.
        JsonNode edited = StudioClient.Picture(await _studio.AskAsync(
            StudioClient.Turn("make the ring green", pictures: (string)star["id"]!), conversation));
        Assert.Equal(("edited", (string?)star["id"]), ((string?)edited["kind"], (string?)edited["source"]));

        (_, JsonNode page) = await tiny.Server.AskAsync(
            "/studio/api/search",
            new JsonObject { ["words"] = "ring", ["limit"] = 2 });
        Assert.Equal(
            [(string?)edited["id"], (string?)star["id"]],
            page["pictures"]!.AsArray().Select(picture => (string?)picture!["id"]));
        using HttpResponseMessage file = await _http.GetAsync($"/studio/api/pictures/{star["id"]}/file?download=true");
        Assert.Equal($"nexusgen-{star["id"]}.png", file.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        byte[] png = await file.Content.ReadAsByteArrayAsync();
        Assert.Equal("5", ImageFile.ReadParameters(png)["seed"]);
        Assert.Equal(112, ImageFile.Read(png).Width);
        Assert.Equal(
            "image/webp",
            (await _http.GetAsync($"/studio/api/pictures/{star["id"]}/thumbnail")).Content.Headers.ContentType!.MediaType);

        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync($"/studio/api/pictures/{star["id"]}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync($"/studio/api/pictures/{star["id"]}")).StatusCode);

        // The conversation continues without the image; a turn that attaches it fails.
        JsonNode ring = StudioClient.Picture(
            await _studio.AskAsync(StudioClient.Turn("draw a blue ring", "draw"), conversation));
        Assert.Equal("drawn", (string?)ring["kind"]);
        (HttpStatusCode gone, _) = await _studio.SendAsync(
            HttpMethod.Post,
            StudioClient.TurnsOf(conversation),
            StudioClient.Turn("make the ring green", pictures: (string)star["id"]!));
        Assert.Equal(HttpStatusCode.NotFound, gone);
        Assert.Equal(3, (await _studio.TurnsAsync(conversation)).Length);
    }

    [Fact]
    public async Task OneSeedIsOnePictureAndAnotherIsAnother()
    {
        async Task<byte[]> DrawAsync(int seed)
        {
            JsonObject turn = StudioClient.Turn("a red star", "draw");
            turn["picture"] = new JsonObject { ["seed"] = seed };
            JsonNode picture = StudioClient.Picture(await _studio.AskAsync(turn));
            return ImageFile.Read(await _studio.FileAsync((string)picture["id"]!)).Pixels.ToArray();
        }

        byte[] first = await DrawAsync(1);
        Assert.Equal(first, await DrawAsync(1));
        Assert.NotEqual(first, await DrawAsync(2));
    }

    [Fact]
    public async Task ABroughtPictureKeepsItsTransparency()
    {
        RgbImage stored = RgbImage.FromBytes(new byte[3000 * 10 * 3], 3000, 10);
        using var body = new ByteArrayContent(ImageFile.Encode(stored.WithAlpha(stored), ImageFormat.Png));
        body.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        using HttpResponseMessage response = await _http.PostAsync("/studio/api/pictures", body);
        JsonNode picture = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        RgbImage file = ImageFile.Read(await _http.GetByteArrayAsync($"/studio/api/pictures/{picture["id"]}/file"));

        Assert.Equal((2048, (0, 0, 0)), (file.Width, file[5, 5]));
        Assert.Equal((255, 255, 255), file.OverWhite()[5, 5]);
    }

    [Fact]
    public async Task ABroughtPictureIsBoundedCleanedAndDescribed()
    {
        RgbImage image = Resampler.Resize(
            ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", "cat.png")),
            3000,
            1000,
            ResampleFilter.Bicubic);
        using var body = new ByteArrayContent(ImageFile.Encode(
            image,
            ImageFormat.Jpeg,
            new ImageWriteOptions { Parameters = new Dictionary<string, string> { ["secret"] = "place" } }));
        body.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        const string hostile = "../../<img src=x onerror=alert(1)>\".jpg";
        body.Headers.TryAddWithoutValidation("X-Picture-Name", Uri.EscapeDataString(hostile));
        using HttpResponseMessage response = await _http.PostAsync("/studio/api/pictures", body);
        JsonNode picture = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(
            ("brought", hostile, 2048, 683),
            ((string?)picture["kind"], (string?)picture["prompt"], (int?)picture["width"], (int?)picture["height"]));
        using HttpResponseMessage file = await _http.GetAsync($"/studio/api/pictures/{picture["id"]}/file?download=true");
        Assert.Equal($"nexusgen-{picture["id"]}.jpg", file.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        Assert.Empty(ImageFile.ReadParameters(await file.Content.ReadAsByteArrayAsync()));

        Assert.NotEmpty(StudioClient.Text(
            await _studio.AskAsync(StudioClient.Turn("what is in this picture?", pictures: (string)picture["id"]!))));
    }

    [Theory]
    [InlineData("{}", "has no text")]
    [InlineData("""{"text":"  "}""", "has no text")]
    [InlineData("""{"text":"","action":"draw"}""", "say what to draw")]
    [InlineData("""{"text":"make it blue","action":"edit"}""", "no picture to edit")]
    [InlineData("""{"text":"x","action":"sing"}""", "action must be")]
    [InlineData("""{"text":"x","picture":{"steps":1000000}}""", "picture.steps")]
    [InlineData("""{"text":"x","count":0}""", "count is 0")]
    [InlineData("""{"text":"x","count":5}""", "count is 5")]
    [InlineData(
        """
        {"text":"x","pictures":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}
        """,
        "more than 16")]
    public async Task WhatCannotBeAnsweredIsRefusedInASentence(string body, string said)
    {
        string conversation = await _studio.CreateAsync();
        (HttpStatusCode status, JsonNode? error) =
            await _studio.SendAsync(HttpMethod.Post, StudioClient.TurnsOf(conversation), JsonNode.Parse(body));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(said, (string?)error!["error"]!["message"]);
        Assert.Empty(await _studio.TurnsAsync(conversation));
    }

    [Theory]
    [InlineData("""{"before":"soon"}""")]
    [InlineData("""{"limit":0}""")]
    [InlineData("""{"limit":1000000}""")]
    [InlineData("""{"kind":"stolen"}""")]
    [InlineData("""{"favorite":"yes"}""")]
    [InlineData("""{"words":7}""")]
    public async Task AWrongSearchIsRefused(string body)
    {
        using HttpResponseMessage response = await _http.PostAsync(
            "/studio/api/search",
            new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty((string?)(await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!["message"] ?? "");
    }

    [Fact]
    public async Task OnlyPicturesAreBrought()
    {
        using HttpResponseMessage text = await _http.PostAsync("/studio/api/pictures", new StringContent("hello"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
        using var broken = new ByteArrayContent([1, 2, 3]);
        broken.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.PostAsync("/studio/api/pictures", broken)).StatusCode);
    }

    [Fact]
    public async Task GalleriesOfDifferentKeysAreApartAndThePageItselfAsksForNone()
    {
        using var model = NexusGenModel.Open(LoadedModel.Folder);
        await using TestServer server = await TestServer.StartAsync(model, options =>
        {
            options.ApiKeys.Add("the-first-key");
            options.ApiKeys.Add("the-second-key");
        });
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Http.GetAsync("/studio/api/settings")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.PostAsync("/studio/api/search", new JsonObject())).StatusCode);
        async Task<JsonNode> AskAsync(HttpMethod method, string path, string key, HttpContent? body = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using HttpResponseMessage response = await server.Http.SendAsync(request);
            return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        }

        var picture = new ByteArrayContent(File.ReadAllBytes(Path.Combine(ReferenceFolder.Path, "images", "cat.png")));
        picture.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        string id = (string)(await AskAsync(HttpMethod.Post, "/studio/api/pictures", "the-first-key", picture))["id"]!;
        Assert.Equal(id, (string?)(await AskAsync(HttpMethod.Get, $"/studio/api/pictures/{id}", "the-first-key"))["id"]);
        Assert.Single((await AskAsync(
            HttpMethod.Post,
            "/studio/api/search",
            "the-first-key",
            JsonContent.Create(new JsonObject())))["pictures"]!.AsArray());
        Assert.NotNull((await AskAsync(HttpMethod.Get, $"/studio/api/pictures/{id}", "the-second-key"))["error"]);
        Assert.NotNull((await AskAsync(HttpMethod.Get, $"/studio/api/pictures/{id}/family", "the-second-key"))["error"]);
        Assert.Empty((await AskAsync(
            HttpMethod.Post,
            "/studio/api/search",
            "the-second-key",
            JsonContent.Create(new JsonObject())))["pictures"]!.AsArray());
    }

    [Fact]
    public async Task ThePageBringsAllItNeedsAndAsksNobodyElse()
    {
        using HttpResponseMessage page = await _http.GetAsync("/");
        string html = await page.Content.ReadAsStringAsync();
        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.DoesNotContain("unsafe", page.Headers.GetValues("Content-Security-Policy").Single());
        foreach (Match match in Regex.Matches(html, "(?:src|href)=\"(/[^\"]+)\""))
        {
            Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(match.Groups[1].Value)).StatusCode);
        }

        foreach (string name in StudioPage.Names)
        {
            using HttpResponseMessage file = await _http.GetAsync($"/studio/{name}");
            string text = await file.Content.ReadAsStringAsync();
            Assert.DoesNotMatch(@"https?://(?!www\.w3\.org/2000/svg)", text);
            Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(", text);
            foreach (Match import in Regex.Matches(text, @"from '\./([\w.]+)'"))
            {
                Assert.Contains(import.Groups[1].Value, StudioPage.Names);
            }

            using var again = new HttpRequestMessage(HttpMethod.Get, $"/studio/{name}");
            again.Headers.IfNoneMatch.Add(file.Headers.ETag!);
            Assert.Equal(HttpStatusCode.NotModified, (await _http.SendAsync(again)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync("/studio/..%2fNexusGen.Server.dll")).StatusCode);
    }

    [Fact]
    public async Task EveryTextOfThePageIsThereInBothLanguages()
    {
        string texts = await _http.GetStringAsync("/studio/texts.js");
        string[] halves = [.. Regex.Matches(texts, @"const (?:english|chinese) = \{(.*?)\n\};", RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value)];
        Assert.Equal(2, halves.Length);
        string[][] keys = [.. halves.Select(
            half => Regex.Matches(half, @"(?<=[\s,]|^)(\w+): '").Select(match => match.Groups[1].Value).Order().ToArray())];
        Assert.Equal(keys[0], keys[1]);
        Assert.True(keys[0].Length > 50);
        string used = await _http.GetStringAsync("/");
        foreach (string name in StudioPage.Names.Where(name => name.EndsWith(".js", StringComparison.Ordinal)))
        {
            used += await _http.GetStringAsync($"/studio/{name}");
        }

        Assert.All(
            Regex.Matches(used, @"say\('(\w+)'|data-(?:text|label|placeholder)=""(\w+)"""),
            match => Assert.Contains(match.Groups[1].Value + match.Groups[2].Value, keys[0]));
    }
}
