using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Extensions;

/// <summary>
/// The clients on the reference model: they return what the model returns, also for concurrent calls.
/// </summary>
public sealed class ClientTests : IDisposable
{
    private static readonly AdditionalPropertiesDictionary Quick = new()
    {
        ["steps"] = 1,
        ["width"] = 32,
        ["height"] = 32,
        ["cfg_scale"] = 1
    };

    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task AReplyIsTheModelsOwnStreamedOrNot()
    {
        using var client = new NexusGenChatClient(_model);
        var options = new ChatOptions { MaxOutputTokens = 12, Seed = 5, Temperature = 0.8f, AdditionalProperties = Quick };
        Reply? expected = null;
        var input = new ChatInput("Hello there")
        {
            Reply = new() { MaxNewTokens = 12, Seed = 5, Temperature = 0.8f },
            Settings = new() { Steps = 1, Width = 32, Height = 32, CfgScale = 1, Seed = 5 }
        };
        await foreach (ReplyUpdate update in _model.StartChat().SendAsync(input))
        {
            expected = update is ReplyUpdate.Finished finished ? finished.Reply : expected;
        }

        ChatResponse response = await client.GetResponseAsync("Hello there", options);
        Assert.Equal(expected!.PlainText, response.Text);
        Assert.Equal(
            (expected.PromptTokenCount, expected.TokenIds.Count),
            ((int)response.Usage!.InputTokenCount!, (int)response.Usage.OutputTokenCount!));
        Assert.Equal(
            expected.Finish == NexusGen.Autoregressive.FinishReason.Length ? ChatFinishReason.Length : ChatFinishReason.Stop,
            response.FinishReason);
        Assert.Equal("tiny", response.ModelId);
        string streamed = "";
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello there", options))
        {
            streamed += update.Text;
        }

        Assert.Equal(response.Text, streamed);
        Assert.Same(_model, client.GetService<NexusGenModel>());
        Assert.Equal("tiny", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Null(client.GetService(typeof(NexusGenModel), "key"));
    }

    [Fact]
    public async Task PicturesAreDrawnEditedAndEncodedAsAsked()
    {
        using var generator = new NexusGenImageGenerator(_model);
        List<ProgressReport> heard = [];
        var options = new ImageGenerationOptions
        {
            Count = 2,
            ImageSize = new System.Drawing.Size(48, 32),
            MediaType = "image/jpeg",
            AdditionalProperties = new() { ["steps"] = 1, ["cfg_scale"] = 1, ["seed"] = 3, ["progress"] = new Hearing(heard) },
        };
        ImageGenerationResponse drawn = await generator.GenerateAsync(new ImageGenerationRequest("A cat"), options);
        DataContent[] pictures = [.. drawn.Contents.Cast<DataContent>()];
        Assert.Equal(2, pictures.Length);
        Assert.All(
            pictures,
            picture => Assert.Equal(
                ("image/jpeg", 48, 32),
                (picture.MediaType, ImageFile.Read(picture.Data.Span).Width, ImageFile.Read(picture.Data.Span).Height)));
        Assert.Equal([3ul, 4ul], pictures.Select(picture => ((OutputImage)picture.RawRepresentation!).Settings.Seed!.Value));
        Assert.Contains(heard, report => report.Phase == ProgressPhase.Denoising);
        options.MediaType = null;
        options.Count = null;
        ImageGenerationResponse edited = await generator.GenerateAsync(
            new ImageGenerationRequest("Make it blue", [pictures[0]]),
            options);
        var result = (OutputImage)Assert.IsType<DataContent>(edited.Contents[0]).RawRepresentation!;
        Assert.Equal(DecoderChoice.Editing, result.Decoder);
        await Assert.ThrowsAsync<NexusGenException>(() => generator.GenerateAsync(new ImageGenerationRequest(" ")));
        options.MediaType = "image/tiff";
        await Assert.ThrowsAsync<NexusGenException>(() => generator.GenerateAsync(new ImageGenerationRequest("A cat"), options));
    }

    [Fact]
    public async Task ManyAtOnceGetTheirOwnAnswers()
    {
        using var client = new NexusGenChatClient(_model);
        string[] prompts = [.. Enumerable.Range(0, 8).Select(i => $"Number {i * i} of many")];
        ChatOptions Options(int i) => new() { MaxOutputTokens = 8, Temperature = 1, Seed = i, AdditionalProperties = Quick };
        List<string> alone = [];
        for (int i = 0; i < prompts.Length; i++)
        {
            alone.Add((await client.GetResponseAsync(prompts[i], Options(i))).Text);
        }

        ChatResponse[] together = await Task.WhenAll(prompts.Select((prompt, i) => client.GetResponseAsync(prompt, Options(i))));
        Assert.Equal(alone, together.Select(response => response.Text));
        Assert.True(alone.Distinct().Count() > 4);
    }

    [Fact]
    public async Task ACancelledCallEnds()
    {
        using var generator = new NexusGenImageGenerator(_model);
        using var source = new CancellationTokenSource();
        var cancelling = new Hearing([])
        {
            Heard = report =>
            {
                if (report.Phase == ProgressPhase.Denoising && report.Completed > 0)
                {
                    source.Cancel();
                }
            }
        };
        var options = new ImageGenerationOptions
        {
            ImageSize = new System.Drawing.Size(32, 32),
            AdditionalProperties = new() { ["steps"] = 100_000, ["cfg_scale"] = 1, ["progress"] = cancelling },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => generator.GenerateAsync(new ImageGenerationRequest("A cat"), options, source.Token));
    }

    [Fact]
    public async Task ACancelledReplyEndsWhileItPaints()
    {
        using var model = NexusGenModel.Open(NexusGen.Cli.Core.ModelFinder.FindTiny());
        using var client = new NexusGenChatClient(model);
        using var source = new CancellationTokenSource();
        var options = new ChatOptions { AdditionalProperties = new() { ["steps"] = 1000, ["width"] = 64, ["height"] = 64 } };
        int heard = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(
                "Draw a picture: a red star",
                options,
                source.Token))
            {
                heard += update.RawRepresentation is ReplyUpdate.Denoising ? 1 : 0;
                if (heard == 2)
                {
                    await source.CancelAsync();
                }
            }
        });
        Assert.InRange(heard, 2, 900);
        await AssertIdleAsync(model);

        // A non-streaming reply is cancelled too, and a call that is already cancelled doesn't start.
        using var later = new CancellationTokenSource();
        options.AdditionalProperties["progress"] = new Hearing([])
        {
            Heard = report =>
            {
                if (report.Phase == ProgressPhase.Denoising && report.Completed > 0)
                {
                    later.Cancel();
                }
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetResponseAsync("Draw a picture: a red star", options, later.Token));
        await AssertIdleAsync(model);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("Hello", null, later.Token));
    }

    [Fact]
    public async Task WhoStopsListeningEndsTheReply()
    {
        using var client = new NexusGenChatClient(_model);
        var options = new ChatOptions
        {
            MaxOutputTokens = 2000,
            AdditionalProperties = new() { ["steps"] = 1000, ["width"] = 32, ["height"] = 32 }
        };
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("Hello", options))
        {
            break;
        }

        await AssertIdleAsync(_model);
    }

    private static async Task AssertIdleAsync(NexusGenModel model)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (model.RequestCount > 0)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private sealed class Hearing(List<ProgressReport> heard) : IProgress<ProgressReport>
    {
        public Action<ProgressReport>? Heard { get; init; }

        public void Report(ProgressReport value)
        {
            Heard?.Invoke(value);
            lock (heard)
            {
                heard.Add(value);
            }
        }
    }
}
