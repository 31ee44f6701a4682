using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using NexusGen.Imaging;

namespace NexusGen.Tests.Server;

/// <summary>Several pictures of the gallery at once: archives, deletion, favorites; and files without parameters.</summary>
public sealed class StudioSelectionTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Pictures = "/studio/api/pictures";

    private readonly HttpClient _http = tiny.Server.Http;
    private readonly StudioClient _studio = new(tiny.Server.Http);

    [Fact]
    public async Task PicturesAreSentAsOneArchiveWithOrWithoutTheirParameters()
    {
        string drawn = await DrawAsync("a red star"), cat = await _studio.BringCatAsync();
        foreach (bool? parameters in (bool?[])[null, true, false])
        {
            using HttpResponseMessage response = await tiny.Server.PostAsync(
                Pictures + "/download",
                new JsonObject { ["pictures"] = new JsonArray(drawn, cat, drawn), ["parameters"] = parameters });
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("application/zip", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal("nexusgen-pictures.zip", response.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
            Assert.True(response.Headers.TransferEncodingChunked);
            using var archive = new ZipArchive(await response.Content.ReadAsStreamAsync());
            Assert.Equal(
                [$"a-red-star-{drawn[..8]}.png", $"nexusgen-{cat[..8]}.png"], archive.Entries.Select(entry => entry.FullName));
            Assert.All(archive.Entries, entry => Assert.True(entry.LastWriteTime.Year > 2020));
            byte[] star = Read(archive.Entries[0]);
            Assert.Equal(parameters != false, ImageFile.ReadParameters(star).ContainsKey("prompt"));
            Assert.Equal(ImageFile.Read(await _studio.FileAsync(drawn)), ImageFile.Read(star));
            Assert.Equal(await _studio.FileAsync(cat), Read(archive.Entries[1]));
        }
    }

    [Fact]
    public async Task AFileIsSavedWithoutItsParametersWhereThatIsAskedFor()
    {
        string address = $"{Pictures}/{await DrawAsync("a blue ring")}/file";
        byte[] with = await _http.GetByteArrayAsync(address + "?download=true");
        byte[] without = await _http.GetByteArrayAsync(address + "?download=true&parameters=false");
        Assert.Equal("a blue ring", ImageFile.ReadParameters(with)["prompt"]);
        Assert.Empty(ImageFile.ReadParameters(without));
        Assert.Equal(-1, without.AsSpan().IndexOf("blue ring"u8));
        Assert.Equal(ImageFile.Read(with), ImageFile.Read(without));
    }

    [Fact]
    public async Task PicturesAreDeletedAtOnceAndNoTurnNamesThem()
    {
        string conversation = await _studio.CreateAsync();
        string star = await DrawAsync("a red star", conversation), ring = await DrawAsync("a blue ring", conversation);
        string cat = await _studio.BringCatAsync();
        Assert.Equal(
            HttpStatusCode.NoContent, await SendAsync("delete", new() { ["pictures"] = new JsonArray(star, cat, "no") }));
        foreach ((string id, HttpStatusCode status) in ((string, HttpStatusCode)[])
            [(star, HttpStatusCode.NotFound), (cat, HttpStatusCode.NotFound), (ring, HttpStatusCode.OK)])
        {
            Assert.Equal(status, (await _http.GetAsync($"{Pictures}/{id}")).StatusCode);
        }

        string kept = (await _studio.GetAsync(conversation)).ToJsonString();
        Assert.DoesNotContain(star, kept);
        Assert.Contains(ring, kept);
    }

    [Fact]
    public async Task FavoritesAreMarkedAndSearched()
    {
        string first = await _studio.BringCatAsync(), second = await _studio.BringCatAsync();
        Assert.Equal(
            HttpStatusCode.NoContent, await SendAsync("favorite", new() { ["pictures"] = new JsonArray(first, second) }));
        Assert.Equal(
            HttpStatusCode.NoContent,
            await SendAsync("favorite", new() { ["pictures"] = new JsonArray(first), ["favorite"] = false }));
        (_, JsonNode page) = await tiny.Server.AskAsync(
            "/studio/api/search", new JsonObject { ["favorite"] = true, ["kind"] = "brought" });
        Assert.Equal(
            [(second, true)],
            page["pictures"]!.AsArray().Select(picture => ((string)picture!["id"]!, (bool)picture["favorite"]!)));
        (_, page) = await tiny.Server.AskAsync("/studio/api/search", new JsonObject { ["favorite"] = true, ["kind"] = "edited" });
        Assert.Empty(page["pictures"]!.AsArray());
    }

    [Theory]
    [InlineData("download", "{}", HttpStatusCode.BadRequest)]
    [InlineData("download", """{"pictures":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("download", """{"pictures":[null]}""", HttpStatusCode.BadRequest)]
    [InlineData("download", """{"pictures":"all"}""", HttpStatusCode.BadRequest)]
    [InlineData("download", """{"pictures":["no"]}""", HttpStatusCode.NotFound)]
    [InlineData("favorite", """{"pictures":["no"]}""", HttpStatusCode.NotFound)]
    [InlineData("favorite", "{}", HttpStatusCode.BadRequest)]
    [InlineData("delete", "{}", HttpStatusCode.BadRequest)]
    [InlineData("delete", """{"pictures":["no"]}""", HttpStatusCode.NoContent)]
    public async Task WhatNamesNoPictureIsRefused(string what, string body, HttpStatusCode status) =>
        Assert.Equal(status, await SendAsync(what, JsonNode.Parse(body)!.AsObject()));

    [Fact]
    public async Task ThereIsALimitOfPictures()
    {
        string[] ids = [.. Enumerable.Range(0, 1001).Select(i => $"{i}")];
        var body = new JsonObject { ["pictures"] = new JsonArray([.. ids.Select(id => (JsonNode)id)]) };
        (HttpStatusCode status, JsonNode error) = await tiny.Server.AskAsync(Pictures + "/delete", body);
        Assert.Equal((HttpStatusCode.BadRequest, "pictures"), (status, (string?)error["error"]!["param"]));
        Assert.Contains("1,000", (string?)error["error"]!["message"]);
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var data = new MemoryStream();
        stream.CopyTo(data);
        return data.ToArray();
    }

    private async Task<string> DrawAsync(string text, string? conversation = null) => (string)StudioClient.Picture(
        await _studio.AskAsync(StudioClient.Turn(text, "draw", 1), conversation))["id"]!;

    private async Task<HttpStatusCode> SendAsync(string what, JsonObject body) =>
        (await tiny.Server.PostAsync($"{Pictures}/{what}", body)).StatusCode;
}
