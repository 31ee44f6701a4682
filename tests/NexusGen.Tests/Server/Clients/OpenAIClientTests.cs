using System.ClientModel;
using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Requests;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Images;
using OpenAI.Models;
using OpenAI.Responses;

namespace NexusGen.Tests.Server.Clients;

/// <summary>The official .NET client of OpenAI's API works with this server unchanged, with the small model that ships.</summary>
public sealed class OpenAIClientTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Model = "nexus-gen-tiny";

    private readonly OpenAIClient _client = tiny.Server.Client();

    [Fact]
    public async Task ListsTheModel()
    {
        OpenAIModelCollection models = await _client.GetOpenAIModelClient().GetModelsAsync();
        Assert.Equal(Model, Assert.Single(models).Id);
        OpenAIModel one = await _client.GetOpenAIModelClient().GetModelAsync(Model);
        Assert.Equal("nexusgen", one.OwnedBy);
    }

    [Fact]
    public async Task ChatsStreamedOrNot()
    {
        ChatClient chat = _client.GetChatClient(Model);
        byte[] picture = await DrawAsync("a red star");
        ChatMessage[] messages =
        [
            new SystemChatMessage("You are a helpful assistant."),
            new UserChatMessage(
                ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(picture), "image/png"),
                ChatMessageContentPart.CreateTextPart("describe this picture")),
        ];
        ChatCompletion whole = await chat.CompleteChatAsync(messages, new ChatCompletionOptions { MaxOutputTokenCount = 60 });
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        string text = Assert.Single(whole.Content).Text;
        Assert.Contains("red", text);
        Assert.Equal(whole.Usage.TotalTokenCount, whole.Usage.InputTokenCount + whole.Usage.OutputTokenCount);
        Assert.True(whole.Usage.InputTokenCount > 16);

        string streamed = "";
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync(messages))
        {
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
        }

        Assert.Equal(text, streamed);
        Assert.Equal(whole.Usage.TotalTokenCount, usage!.TotalTokenCount);
    }

    [Fact]
    public async Task DrawsInAConversationAndEditsWhatItDrew()
    {
        ChatClient chat = _client.GetChatClient(Model);
        List<ChatMessage> messages = [new UserChatMessage("Draw a picture: a red star")];
        ClientResult<ChatCompletion> first = await chat.CompleteChatAsync(messages);
        Assert.Contains("](data:image/png;base64,", first.Value.Content[0].Text);
        messages.Add(new AssistantChatMessage(first.Value));
        messages.Add(new UserChatMessage("make the background white"));
        ClientResult<ChatCompletion> second = await chat.CompleteChatAsync(messages);
        RgbImage before = PictureOf(first.Value.Content[0].Text), after = PictureOf(second.Value.Content[0].Text);
        Assert.Equal((112, 112), (after.Width, after.Height));
        Assert.False(before.Pixels.SequenceEqual(after.Pixels));

        // The same turns without HTTP.
        Chat own = tiny.Model.StartChat();
        OutputImage drawn = await DrawnAsync(own, Seeded(new ChatInput("Draw a picture: a red star"), first));
        OutputImage edited = await DrawnAsync(
            own, Seeded(new ChatInput("make the background white"), second));
        Assert.True(before.Pixels.SequenceEqual(drawn.Image.Pixels));
        Assert.True(after.Pixels.SequenceEqual(edited.Image.Pixels));
    }

    // The server draws a seed and returns it.
    private static ulong SeedOf(ClientResult result)
    {
        JsonNode json = JsonNode.Parse(result.GetRawResponse().Content.ToString())!;
        return (ulong)(json["seed"] ?? json["data"]![0]!["seed"])!;
    }

    private static ChatInput Seeded(ChatInput input, ClientResult result) => input with
    {
        Reply = input.Reply with { Seed = SeedOf(result) },
        Settings = input.Settings with { Seed = SeedOf(result) },
    };

    [Fact]
    public async Task DrawsPictures()
    {
        ImageClient images = _client.GetImageClient(Model);
        ClientResult<GeneratedImageCollection> two = await images.GenerateImagesAsync(
            "two blue circles",
            2,
            new ImageGenerationOptions { ResponseFormat = GeneratedImageFormat.Bytes });
        Reply reply = await tiny.Model.GenerateAsync(
            new GenerateRequest("two blue circles") { Settings = new() { Count = 2, Seed = SeedOf(two) } });
        Assert.Equal(2, two.Value.Count);
        for (int i = 0; i < 2; i++)
        {
            Assert.True(ImageFile.Read(two.Value[i].ImageBytes.ToArray()).Pixels.SequenceEqual(reply.Images[i].Image.Pixels));
        }

        GeneratedImage named = await images.GenerateImageAsync(
            "a green ring",
            new ImageGenerationOptions { ResponseFormat = GeneratedImageFormat.Uri, Size = new GeneratedImageSize(64, 48) });
        using HttpResponseMessage fetched = await tiny.Server.Http.GetAsync(named.ImageUri);
        Assert.Equal("image/png", fetched.Content.Headers.ContentType!.MediaType);
        RgbImage read = ImageFile.Read(await fetched.Content.ReadAsByteArrayAsync());
        Assert.Equal((64, 48), (read.Width, read.Height));
    }

    [Fact]
    public async Task EditsPictures()
    {
        byte[] source = await DrawAsync("a red star");
        using var stream = new MemoryStream(source);
        ClientResult<GeneratedImage> edited = await _client.GetImageClient(Model)
            .GenerateImageEditAsync(stream, "star.png", "make the background white");
        Reply reply = await tiny.Model.EditAsync(
            new EditRequest(ImageFile.Read(source), "make the background white") { Settings = new() { Seed = SeedOf(edited) } });
        Assert.True(ImageFile.Read(edited.Value.ImageBytes.ToArray()).Pixels.SequenceEqual(reply.Images[0].Image.Pixels));
    }

    [Fact]
    public async Task AnswersByTheResponsesApiWithPicturesAsItemsOfTheTool()
    {
        ResponsesClient responses = _client.GetResponsesClient();
        var options = new CreateResponseOptions(Model, [ResponseItem.CreateUserMessageItem("Draw a picture: a red star")]);
        options.Tools.Add(ResponseTool.CreateImageGenerationTool(Model));
        ResponseResult first = await responses.CreateResponseAsync(options);
        Assert.Equal(ResponseStatus.Completed, first.Status);
        ImageGenerationCallResponseItem drawn = Assert.Single(first.OutputItems.OfType<ImageGenerationCallResponseItem>());
        RgbImage picture = ImageFile.Read(drawn.ImageResultBytes.ToArray());
        Assert.Equal((112, 112), (picture.Width, picture.Height));
        Assert.Equal(first.Usage.TotalTokenCount, first.Usage.InputTokenCount + first.Usage.OutputTokenCount);

        var next = new CreateResponseOptions(Model, [ResponseItem.CreateUserMessageItem("make the background white")])
        {
            PreviousResponseId = first.Id
        };
        ResponseResult second = await responses.CreateResponseAsync(next);
        Assert.Single(second.OutputItems.OfType<ImageGenerationCallResponseItem>());
        Assert.Equal(first.Id, second.PreviousResponseId);
        ResponseResult kept = await responses.GetResponseAsync(second.Id);
        Assert.Equal(second.OutputItems.Count, kept.OutputItems.Count);
    }

    [Fact]
    public async Task StreamsResponses()
    {
        ResponsesClient responses = _client.GetResponsesClient();
        var options = new CreateResponseOptions(Model, [ResponseItem.CreateUserMessageItem("Draw a picture: a red star")])
        {
            StreamingEnabled = true
        };
        List<StreamingResponseUpdate> updates = [];
        await foreach (StreamingResponseUpdate update in await responses.CreateResponseStreamingAsync(options))
        {
            updates.Add(update);
        }

        Assert.Equal(Enumerable.Range(0, updates.Count), updates.Select(update => (int)update.SequenceNumber));
        Assert.IsType<StreamingResponseCreatedUpdate>(updates[0]);
        ResponseResult whole = Assert.IsType<StreamingResponseCompletedUpdate>(updates[^1]).Response;
        string said = string.Concat(updates.OfType<StreamingResponseOutputTextDeltaUpdate>().Select(update => update.Delta));
        Assert.Equal(
            string.Concat(whole.OutputItems.OfType<MessageResponseItem>().SelectMany(item => item.Content)
                .Select(part => part.Text)),
            said);
        Assert.Single(updates.OfType<StreamingResponseImageGenerationCallCompletedUpdate>());
        Assert.Single(whole.OutputItems.OfType<ImageGenerationCallResponseItem>());
    }

    [Fact]
    public async Task ErrorsAreUnderstood()
    {
        ClientResultException wrong = await Assert.ThrowsAsync<ClientResultException>(
            () => _client.GetChatClient("gpt-4o").CompleteChatAsync("hello"));
        Assert.Equal(404, wrong.Status);
        Assert.Contains("model_not_found", wrong.Message);
    }

    private async Task<byte[]> DrawAsync(string prompt) =>
        ImageFile.Encode(
            (await tiny.Model.GenerateAsync(new GenerateRequest(prompt))).Images[0].Image,
            ImageFormat.Png);

    private static RgbImage PictureOf(string markdown)
    {
        int start = markdown.IndexOf("base64,", StringComparison.Ordinal) + 7;
        return ImageFile.Read(Convert.FromBase64String(markdown[start..markdown.IndexOf(')', start)]));
    }

    private static async Task<OutputImage> DrawnAsync(Chat chat, ChatInput input)
    {
        OutputImage? drawn = null;
        await foreach (ReplyUpdate update in chat.SendAsync(input))
        {
            drawn = (update as ReplyUpdate.ImageFinished)?.Image ?? drawn;
        }

        return drawn!;
    }
}
