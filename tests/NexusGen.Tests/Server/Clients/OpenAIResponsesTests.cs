using System.ClientModel;
using OpenAI.Responses;

namespace NexusGen.Tests.Server.Clients;

/// <summary>The official .NET client of OpenAI's API uses the Responses API of this server unchanged.</summary>
public sealed class OpenAIResponsesTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Model = "nexus-gen-tiny";
    private const string Draw = "Draw a picture: a red star";
    private const string Recolour = "make the star blue";

    private readonly ResponsesClient _responses = tiny.Server.Client().GetResponsesClient();

    [Fact]
    public async Task TheSecondTurnEditsWhatTheFirstOneDrew()
    {
        ResponseResult first = await _responses.CreateResponseAsync(Asking([User(Draw)]));
        Assert.Equal("112x112 png: red star on white", Look.At(Drawn(first).ImageResultBytes.ToArray()));
        foreach (IEnumerable<ResponseItem> before in (IEnumerable<ResponseItem>[])
            [first.OutputItems, first.OutputItems.Select(item => ResponseItem.CreateReferenceItem(item.Id))])
        {
            ResponseResult second = await _responses.CreateResponseAsync(Asking([User(Draw), .. before, User(Recolour)]));
            Assert.Equal("112x112 png: blue star on white", Look.At(Drawn(second).ImageResultBytes.ToArray()));
        }

        ResponseResult continued = await _responses.CreateResponseAsync(Model, Recolour, first.Id);
        Assert.Equal("112x112 png: blue star on white", Look.At(Drawn(continued).ImageResultBytes.ToArray()));
    }

    [Fact]
    public async Task IsAskedAboutAPicture()
    {
        ResponseResult first = await _responses.CreateResponseAsync(Asking([User(Draw)]));
        BinaryData picture = BinaryData.FromBytes(Drawn(first).ImageResultBytes.ToArray(), "image/png");
        ResponseItem question = ResponseItem.CreateUserMessageItem(
        [
            ResponseContentPart.CreateInputImagePart(picture),
            ResponseContentPart.CreateInputTextPart("what is in this picture?"),
        ]);
        ResponseResult answer = await _responses.CreateResponseAsync(Asking([question]));
        Assert.Matches("^a (big|small) red star", answer.GetOutputText());
    }

    [Fact]
    public async Task StreamsPartialPicturesInTheSizeAndFormatOfTheTool()
    {
        // Before its first image is decoded, the model may not have loaded what previews need.
        await _responses.CreateResponseAsync(Asking([User(Draw)]));
        CreateResponseOptions options = Asking([User(Draw)]);
        options.StreamingEnabled = true;
        options.Tools.Clear();
        options.Tools.Add(ResponseTool.CreateImageGenerationTool(
            Model,
            size: new ImageGenerationToolSize(224, 224),
            outputFileFormat: ImageGenerationToolOutputFileFormat.Webp,
            partialImageCount: 2));
        List<string> partial = [];
        ResponseResult? whole = null;
        await foreach (StreamingResponseUpdate update in await _responses.CreateResponseStreamingAsync(options))
        {
            if (update is StreamingResponseImageGenerationCallPartialImageUpdate { PartialImageBytes: var bytes })
            {
                partial.Add(Look.At(bytes.ToArray()));
            }

            whole = (update as StreamingResponseCompletedUpdate)?.Response ?? whole;
        }

        Assert.Equal(2, partial.Count);
        Assert.All(partial, image => Assert.Contains(" webp: ", image));
        Assert.Equal("224x224 webp: red star on white", Look.At(Drawn(whole!).ImageResultBytes.ToArray()));
    }

    [Fact]
    public async Task RefusalsAreErrorsOfTheClient()
    {
        ClientResultException tooLong = await Assert.ThrowsAsync<ClientResultException>(() =>
            _responses.CreateResponseAsync(Asking([User(string.Concat(Enumerable.Repeat("a red star ", 4000)))])));
        Assert.Equal(400, tooLong.Status);
        Assert.Contains("context_length_exceeded", tooLong.Message);
        ClientResultException unknown = await Assert.ThrowsAsync<ClientResultException>(() =>
            _responses.CreateResponseAsync(Asking([ResponseItem.CreateReferenceItem("ig_none"), User(Recolour)])));
        Assert.Equal(404, unknown.Status);
        Assert.Contains("ig_none", unknown.Message);
    }

    [Fact]
    public async Task ACancelledStreamEnds()
    {
        CreateResponseOptions options = Asking([User(Draw)]);
        options.StreamingEnabled = true;
        using var cancel = new CancellationTokenSource();
        int images = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (StreamingResponseUpdate update in await _responses.CreateResponseStreamingAsync(options, cancel.Token))
            {
                images += update is StreamingResponseImageGenerationCallCompletedUpdate ? 1 : 0;
                await cancel.CancelAsync();
            }
        });
        Assert.Equal(0, images);
    }

    private static CreateResponseOptions Asking(IEnumerable<ResponseItem> items)
    {
        var options = new CreateResponseOptions(Model, items);
        options.Tools.Add(ResponseTool.CreateImageGenerationTool(Model));
        return options;
    }

    private static ResponseItem User(string text) => ResponseItem.CreateUserMessageItem(text);

    private static ImageGenerationCallResponseItem Drawn(ResponseResult response) =>
        Assert.Single(response.OutputItems.OfType<ImageGenerationCallResponseItem>());
}
