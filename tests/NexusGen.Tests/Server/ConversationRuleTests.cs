using System.Net;
using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Server;

/// <summary>Which image a message edits, and at which size images come, over every API of the server.</summary>
public sealed class ConversationRuleTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Drawn = "Here is an image based on the description: ";

    [Theory]
    [InlineData("auto", "edit")]
    [InlineData("edit", "edit")]
    [InlineData("draw", "generate")]
    [InlineData("generate", "generate")]
    [InlineData("ask", null)]
    public async Task TheActionDecidesWhetherTheLastPictureIsEdited(string action, string? made)
    {
        JsonNode response = await RespondAsync("a blue circle", action);

        JsonNode? call = response["output"]!.AsArray().SingleOrDefault(item => (string?)item!["type"] == "image_generation_call");
        Assert.Equal(made, (string?)call?["action"]);
        if (made is not null)
        {
            // The same turn of the library, which was not told the conversation but held it.
            Chat chat = tiny.Model.StartChat();
            await chat.ReplyAsync(new ChatInput("a red star"));
            ChatAction own = made == "edit" ? ChatAction.Auto : ChatAction.Draw;
            OutputImage image = (await chat.ReplyAsync(new ChatInput("a blue circle")
            {
                Action = own,
                Reply = new ReplySettings { Seed = 5 },
                Settings = new ImageSettings { Seed = 5 },
            })).Images[0];
            Assert.Equal(image.Image, ImageFile.Read(Convert.FromBase64String((string)call!["result"]!)));
        }
    }

    [Fact]
    public async Task AnEditWithoutAPictureIsRefused()
    {
        (HttpStatusCode status, JsonNode body) = await tiny.Server.AskAsync("/v1/chat/completions", new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "make it blue" }),
            ["picture"] = new JsonObject { ["action"] = "edit" },
        });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("no image to edit", (string?)body["error"]!["message"]);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "messages", "image_url", "system")]
    [InlineData("/v1/chat/completions", "messages", "image_url", "developer")]
    [InlineData("/v1/responses", "input", "input_image", "system")]
    public async Task PicturesOfSystemMessagesAreRead(string path, string field, string part, string role)
    {
        RgbImage star = (await tiny.Model.StartChat().ReplyAsync(new ChatInput("a red star"))).Images[0].Image;
        string url = "data:image/png;base64," + Convert.ToBase64String(ImageFile.Encode(star, ImageFormat.Png));
        JsonNode address = part == "image_url" ? new JsonObject { ["url"] = url } : url;
        async Task<int> TokensAsync(params JsonNode[] contents)
        {
            (HttpStatusCode status, JsonNode body) = await tiny.Server.AskAsync(path, new JsonObject
            {
                [field] = new JsonArray(
                    new JsonObject { ["role"] = role, ["content"] = new JsonArray([.. contents]) },
                    new JsonObject { ["role"] = "user", ["content"] = "What colour is the star?" }),
                ["picture"] = new JsonObject { ["action"] = "ask" },
            });
            Assert.Equal(HttpStatusCode.OK, status);
            return (int)(body["usage"]!["prompt_tokens"] ?? body["usage"]!["input_tokens"])!;
        }

        JsonNode Text() => new JsonObject { ["type"] = path.EndsWith("responses") ? "input_text" : "text", ["text"] = "Look." };
        int without = await TokensAsync(Text());
        int with = await TokensAsync(new JsonObject { ["type"] = part, ["image_url"] = address }, Text());
        Assert.Equal(without + tiny.Model.Configuration.ImageTokens + 2, with);
    }

    [Fact]
    public async Task AnotherSizeIsResizedAndSaysSo()
    {
        (_, JsonNode body) = await tiny.Server.AskAsync(
            "/v1/images/generations", new JsonObject { ["prompt"] = "a red star", ["size"] = "256x128", ["seed"] = 5 });
        (_, JsonNode plain) = await tiny.Server.AskAsync(
            "/v1/images/generations", new JsonObject { ["prompt"] = "a red star", ["seed"] = 5 });

        Assert.Equal(("256x128", "112x112"), ((string?)body["size"], (string?)body["generated_size"]));
        Assert.Null(plain["generated_size"]);
        Assert.Equal(ImageFitting.Contain(Image(plain), 256, 128), Image(body));
    }

    [Fact]
    public async Task AnotherSizeIsRefusedIfTheExactOneIsAskedFor()
    {
        (HttpStatusCode status, JsonNode body) = await tiny.Server.AskAsync(
            "/v1/images/generations", new JsonObject { ["prompt"] = "a red star", ["size"] = "256x256", ["fit"] = "exact" });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("only of 112×112", (string?)body["error"]!["message"]);
    }

    private static RgbImage Image(JsonNode body) =>
        ImageFile.Read(Convert.FromBase64String((string)body["data"]![0]!["b64_json"]!));

    private async Task<JsonNode> RespondAsync(string text, string action)
    {
        RgbImage star = (await tiny.Model.StartChat().ReplyAsync(new ChatInput("a red star"))).Images[0].Image;
        (HttpStatusCode status, JsonNode body) = await tiny.Server.AskAsync("/v1/responses", new JsonObject
        {
            ["input"] = new JsonArray(
                new JsonObject { ["role"] = "user", ["content"] = "a red star" },
                new JsonObject { ["role"] = "assistant", ["content"] = Drawn },
                new JsonObject
                {
                    ["type"] = "image_generation_call",
                    ["result"] = Convert.ToBase64String(ImageFile.Encode(star, ImageFormat.Png)),
                },
                new JsonObject { ["role"] = "user", ["content"] = text }),
            ["picture"] = new JsonObject { ["action"] = action, ["seed"] = 5 },
        });
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }
}
