using System.Net;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>What an image was made from and what was made from it, as the studio's page asks for it.</summary>
public sealed class StudioFamilyTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private readonly StudioClient _studio = new(tiny.Server.Http);

    [Fact]
    public async Task EditsAndWhatAnswersTheSameTurnAreOneFamily()
    {
        string conversation = await _studio.CreateAsync();
        JsonObject two = StudioClient.Turn("a red star", "draw", steps: 1);
        two["count"] = 2;
        JsonNode turn = await _studio.AddAsync(conversation, two);
        await _studio.EventsAsync(turn);
        string[] drawn = StudioClient.Strings((await _studio.TurnsAsync(conversation))[0]["drawn"]);
        string edit = await AskAsync(StudioClient.Turn("make it blue", "edit", 1, drawn[1]), conversation);
        string again = await AskAsync(StudioClient.Turn("make it green", "edit", 1, edit), conversation);

        // The same text in another conversation is another turn.
        string other = await AskAsync(StudioClient.Turn("a red star", "draw", 1));
        await _studio.EventsAsync(await _studio.AgainAsync(turn, variation: true));
        string variation =
            Assert.Single(StudioClient.Strings((await _studio.TurnsAsync(conversation))[0]["variations"]));

        string[] family = [.. drawn, edit, again, variation];
        foreach (string id in family)
        {
            JsonNode answer = await FamilyAsync(id);
            Assert.Equal(family, Ids(answer));
            Assert.False((bool)answer["more"]!);
        }

        Assert.Equal(edit, (string?)(await FamilyAsync(again))["pictures"]![3]!["source"]);
        Assert.Equal([other], Ids(await FamilyAsync(other)));

        // Without the edit between them, its own edit is one of the image before.
        await _studio.SendAsync(HttpMethod.Delete, $"/studio/api/pictures/{edit}");
        JsonNode rest = await FamilyAsync(again);
        Assert.Equal(family.Where(id => id != edit), Ids(rest));
        Assert.Equal(drawn[1], (string?)rest["pictures"]![2]!["source"]);
    }

    [Fact]
    public async Task AnImageThatDoesntExistHasNone()
    {
        (HttpStatusCode status, JsonNode? error) =
            await _studio.SendAsync(HttpMethod.Get, "/studio/api/pictures/0123456789abcdef/family");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal("picture_not_found", (string?)error!["error"]!["code"]);
        string cat = await _studio.BringCatAsync();
        Assert.Equal([cat], Ids(await FamilyAsync(cat)));
    }

    private static string[] Ids(JsonNode family) =>
        [.. family["pictures"]!.AsArray().Select(picture => (string)picture!["id"]!)];

    private async Task<string> AskAsync(JsonNode turn, string? conversation = null) =>
        (string)StudioClient.Picture(await _studio.AskAsync(turn, conversation))["id"]!;

    private async Task<JsonNode> FamilyAsync(string id)
    {
        (HttpStatusCode status, JsonNode? body) =
            await _studio.SendAsync(HttpMethod.Get, $"/studio/api/pictures/{id}/family");
        Assert.Equal(HttpStatusCode.OK, status);
        return body!;
    }
}
