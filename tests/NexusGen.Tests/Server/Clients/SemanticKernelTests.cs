using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using Microsoft.SemanticKernel.TextToImage;

namespace NexusGen.Tests.Server.Clients;

/// <summary>Semantic Kernel's connector for OpenAI uses this server unchanged, for conversations and for images.</summary>
public sealed class SemanticKernelTests : IClassFixture<TinyServer>, IDisposable
{
    private const string Model = "nexus-gen-tiny";
    private const string Draw = "Draw a picture: a red star";
    private const string RedStar = "112x112 png: red star on white";

    private readonly HttpClient _http;
    private readonly IChatCompletionService _chat;
    private readonly ITextToImageService _images;

    public SemanticKernelTests(TinyServer tiny)
    {
        _http = new HttpClient { BaseAddress = new Uri(tiny.Server.Address, "/v1/") };
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion(Model, "any", httpClient: _http);
        builder.AddOpenAITextToImage("any", modelId: Model, httpClient: _http);
        Kernel kernel = builder.Build();
        _chat = kernel.GetRequiredService<IChatCompletionService>();
        _images = kernel.GetRequiredService<ITextToImageService>();
    }

    [Fact]
    public async Task DrawsInAConversationEditsWhatItDrewAndIsAskedAboutIt()
    {
        var history = new ChatHistory("You are a helpful assistant.");
        history.AddUserMessage(Draw);
        ChatMessageContent drawn = await _chat.GetChatMessageContentAsync(history);
        Assert.Equal(RedStar, Look.At(PictureIn(drawn.Content!)));
        history.Add(drawn);
        history.AddUserMessage("make the star blue");
        ChatMessageContent edited = await _chat.GetChatMessageContentAsync(history);
        Assert.Equal("112x112 png: blue star on white", Look.At(PictureIn(edited.Content!)));

        ChatMessageContent answer = await _chat.GetChatMessageContentAsync(
            [.. history.Take(3), new ChatMessageContent(AuthorRole.User, "what is in this picture?")]);
        Assert.Matches("^a (big|small) red star", answer.Content);
    }

    [Fact]
    public async Task IsAskedAboutAPictureThatIsSent()
    {
        byte[] star = PictureIn((await _chat.GetChatMessageContentAsync(Draw)).Content!);
        var history = new ChatHistory();
        history.AddUserMessage([new ImageContent(star, "image/png"), new TextContent("what is in this picture?")]);
        Assert.Matches("^a (big|small) red star", (await _chat.GetChatMessageContentAsync(history)).Content);
    }

    [Fact]
    public async Task StreamsAndTakesTheSettingsOfTheConnector()
    {
        var settings = new OpenAIPromptExecutionSettings
        {
            Seed = 5,
            Temperature = 0,
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
            ExtraBody = new Dictionary<string, object?> { ["picture"] = new Dictionary<string, string> { ["size"] = "224x224" } },
        };
        string text = "";
        int chunks = 0;
        await foreach (StreamingChatMessageContent chunk in
            _chat.GetStreamingChatMessageContentsAsync([new ChatMessageContent(AuthorRole.User, Draw)], settings, new Kernel()))
        {
            text += chunk.Content;
            chunks++;
        }

        Assert.True(chunks > 2);
        Assert.Equal("224x224 png: red star on white", Look.At(PictureIn(text)));
    }

    [Fact]
    public async Task GeneratesImages()
    {
        ImageContent plain = (await _images.GetImageContentsAsync(new TextContent("a red star")))[0];
        Assert.Equal("image/png", plain.MimeType);
        Assert.Equal(RedStar, Look.At(plain.Data!.Value.Span));

        var settings = new OpenAITextToImageExecutionSettings { Size = (224, 224), Quality = "hd", ResponseFormat = "url" };
        ImageContent named = (await _images.GetImageContentsAsync(new TextContent("a red star"), settings))[0];
        Assert.Equal("224x224 png: red star on white", Look.At(await _http.GetByteArrayAsync(named.Uri)));
    }

    [Fact]
    public async Task RefusalsAreErrorsOfTheKernel()
    {
        HttpOperationException tooLong = await Assert.ThrowsAsync<HttpOperationException>(() =>
            _chat.GetChatMessageContentAsync(string.Concat(Enumerable.Repeat("a red star ", 4000))));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, tooLong.StatusCode);
        Assert.Contains("context_length_exceeded", tooLong.ResponseContent);
        HttpOperationException empty = await Assert.ThrowsAsync<HttpOperationException>(() =>
            _images.GetImageContentsAsync(new TextContent(" ")));
        Assert.Contains("prompt is empty", empty.ResponseContent);
    }

    [Fact]
    public async Task ACancelledStreamEnds()
    {
        using var cancel = new CancellationTokenSource();
        string text = "";
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (StreamingChatMessageContent chunk in
                _chat.GetStreamingChatMessageContentsAsync(Draw, cancellationToken: cancel.Token))
            {
                text += chunk.Content;
                await cancel.CancelAsync();
            }
        });
        Assert.DoesNotContain("base64", text);
    }

    public void Dispose() => _http.Dispose();

    private static byte[] PictureIn(string markdown)
    {
        int start = markdown.IndexOf("base64,", StringComparison.Ordinal) + 7;
        return Convert.FromBase64String(markdown[start..markdown.IndexOf(')', start)]);
    }
}
