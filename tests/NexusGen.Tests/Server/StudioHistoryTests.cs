using System.Net;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>Long conversations of the studio's page.</summary>
public sealed class StudioHistoryTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task MoreImagesThanAreReadAreAnsweredAllTheSame()
    {
        using var cat = new ByteArrayContent(
            await File.ReadAllBytesAsync(Path.Combine(ReferenceFolder.Path, "images", "cat.png")));
        cat.Headers.Add("Content-Type", "image/png");
        using HttpResponseMessage brought = await tiny.Server.Http.PostAsync("/studio/api/pictures", cat);
        string id = (string)JsonNode.Parse(await brought.Content.ReadAsStringAsync())!["id"]!;
        JsonObject Message(string role, string text, params string[] pictures) => new()
        {
            ["role"] = role,
            ["text"] = text,
            ["pictures"] = new JsonArray([.. pictures.Select(picture => (JsonNode)picture)]),
        };
        async Task<string> AnswerAsync(int count, params string[] last)
        {
            JsonNode[] history =
            [
                .. Enumerable.Range(0, count).SelectMany(i => (JsonNode[])
                [
                    Message("user", "And this?", "deleted", id), Message("assistant", "Rings.", id),
                ]),
                Message("user", "describe this picture", last),
            ];
            using HttpResponseMessage response = await tiny.Server.PostAsync(
                "/studio/api/turns", new JsonObject { ["messages"] = new JsonArray(history), ["action"] = "ask" });
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.OK, text);
            Assert.DoesNotContain("event: error", text);
            return string.Concat(text.Split('\n')
                .Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
                .Select(line => (string?)JsonNode.Parse(line["data: ".Length..])!["text"]));
        }

        Assert.NotEmpty(await AnswerAsync(20, id));
        Assert.NotEmpty(await AnswerAsync(20));
    }
}
