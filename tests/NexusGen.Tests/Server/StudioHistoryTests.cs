using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Server.Background;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>Long conversations of the studio, and what their turns read of them.</summary>
public sealed class StudioHistoryTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private StudioClient Client => new(tiny.Server.Http);

    [Fact]
    public async Task MoreImagesThanAreReadAreAnsweredAllTheSame()
    {
        string cat = await Client.BringCatAsync();
        async Task<string> AnswerAsync(int count, params string[] last)
        {
            string conversation = await Client.CreateAsync();
            for (int i = 0; i < count; i++)
            {
                Add(conversation, Answered("And this?") with { Pictures = ["deleted", cat], Drawn = [cat] });
            }

            List<JsonNode> events =
                await Client.AskAsync(StudioClient.Turn("describe this picture", "ask", pictures: last), conversation);
            Assert.Equal("done", StudioClient.Type(events[^1]));
            return StudioClient.Text(events);
        }

        Assert.NotEmpty(await AnswerAsync(20, cat));
        Assert.NotEmpty(await AnswerAsync(20));
    }

    [Fact]
    public async Task ThePicturesOfTurnsWithoutAReplyTakeNoRoom()
    {
        string cat = await Client.BringCatAsync(), conversation = await Client.CreateAsync();
        for (int i = 0; i < 20; i++)
        {
            Add(conversation, Answered("And this?") with
            {
                Reply = "",
                Pictures = [cat],
                Status = BackgroundStatus.Failed,
            });
        }

        // The picture is read: the image of the reply is an edit of it.
        JsonObject turn = StudioClient.Turn("make the background white", steps: 1, pictures: cat);
        JsonNode picture = StudioClient.Picture(await Client.AskAsync(turn, conversation));
        Assert.Equal(("edited", cat), ((string?)picture["kind"], (string?)picture["source"]));
    }

    [Fact]
    public async Task TheOldestTurnsOfTooLongAConversationAreLeftOut()
    {
        string conversation = await Client.CreateAsync();
        for (int i = 0; i < 3; i++)
        {
            Add(conversation, Answered(new string('a', 40_000)));
        }

        List<JsonNode> events = await Client.AskAsync(StudioClient.Turn("What is a star?", "ask"), conversation);
        Assert.Equal("done", StudioClient.Type(events[^1]));
        Assert.Equal(4, (await Client.TurnsAsync(conversation)).Length);
    }

    private static StudioTurn Answered(string text) => new()
    {
        Id = $"{Guid.NewGuid():N}",
        Text = text,
        Reply = "Rings.",
        Status = BackgroundStatus.Completed,
    };

    // A server without keys has one owner.
    private void Add(string conversation, StudioTurn turn) =>
        tiny.Server.Services.GetRequiredService<ConversationStore>().Add("", conversation, turn);
}
