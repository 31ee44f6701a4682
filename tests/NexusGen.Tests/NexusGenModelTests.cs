using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Tests;

public sealed class NexusGenModelTests : IDisposable
{
    private static readonly ImageSettings Small = new() { Width = 64, Height = 64, Steps = 2, CfgScale = 1 };

    private readonly string _cache = Directory.CreateTempSubdirectory("nexusgen").FullName;
    private readonly NexusGenModel _model;

    public NexusGenModelTests() => _model = Open(new NexusGenOptions { Precision = Precision.Float32 });

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    [Fact]
    public async Task DrawsWhatTheOfficialScriptDraws()
    {
        string folder = Path.Combine(ReferenceFolder.Path, "cases", "pipeline-generate", "en");
        var request = new GenerateRequest("A red cube on a blue table.")
        {
            Settings = new() { Width = 64, Height = 64, Steps = 5 }
        };
        Reply reply = await _model.GenerateAsync(request);
        Assert.Equal(" man’<image> del>orkTime", reply.Text);
        RgbImage expected = ImageFile.Read(Path.Combine(folder, "expected.image.png"));
        Assert.True(ImageQuality.Psnr(expected, reply.Images[0].Image) > 50);
        Assert.Equal(52ul, reply.Images[0].Settings.Seed);
    }

    [Fact]
    public async Task EditsWithTheDecoderThatIsAskedFor()
    {
        foreach ((DecoderChoice choice, string name) in new[]
        {
            (DecoderChoice.Automatic, "editing-decoder"), (DecoderChoice.Generation, "generation-decoder")
        })
        {
            var request = new EditRequest(Image("room.png"), "Add a pair of sunglasses.")
            {
                Decoder = choice,
                Settings = Small with { Steps = 5 }
            };
            Reply reply = await _model.EditAsync(request);
            RgbImage expected = ImageFile.Read(
                Path.Combine(ReferenceFolder.Path, "cases", "pipeline-edit", name, "expected.image.png"));
            Assert.True(ImageQuality.Psnr(expected, reply.Images[0].Image) > 50);
        }
    }

    [Fact]
    public async Task UnderstandsAPicture()
    {
        var request = new UnderstandRequest("Please give a brief description of the image.")
        {
            Images = [Image("wide.png")],
            Reply = new() { MaxNewTokens = 6 }
        };
        Reply reply = await _model.UnderstandAsync(request);
        Assert.Empty(reply.Images);
        Assert.Equal(" mansREain “ list", reply.PlainText);
        Assert.True(reply.PromptTokenCount > 50);
    }

    [Fact]
    public async Task CountGivesConsecutiveSeedsAndABatchEqualsSingleRequests()
    {
        GenerateRequest[] requests =
        [
            new("A red cube on a blue table.") { Settings = Small with { Count = 3 } },
            new("一只猫坐在窗台上。") { Language = Language.Chinese, Settings = Small }
        ];
        IReadOnlyList<Reply> batch = await _model.GenerateAsync(requests);
        foreach ((GenerateRequest request, Reply reply) in requests.Zip(batch))
        {
            Reply alone = await _model.GenerateAsync(request), together = reply;
            Assert.Equal(alone.TokenIds, together.TokenIds);
            Assert.True(alone.Images.Zip(together.Images)
                .All(pair => ImageQuality.Psnr(pair.First.Image, pair.Second.Image) > 50));
        }

        Assert.Equal([52ul, 53ul, 54ul], batch[0].Images.Select(picture => picture.Settings.Seed!.Value));
        Assert.Single(batch[0].Images.Select(picture => picture.Embeddings).Distinct());
    }

    [Fact]
    public async Task ManyCallersGetTheirOwnAnswers()
    {
        string[] questions = ["Hello", "How are you today?", "What?", "你好"];
        UnderstandRequest Ask(string question) => new(question) { Reply = new() { MaxNewTokens = 8 } };
        List<Reply> alone = [];
        foreach (string question in questions)
        {
            alone.Add(await _model.UnderstandAsync(Ask(question)));
        }

        Reply[] together = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => _model.UnderstandAsync(Ask(questions[i % 4]))));
        Assert.All(together.Index(), item => Assert.Equal(alone[item.Index % 4].TokenIds, item.Item.TokenIds));
    }

    [Fact]
    public async Task StreamedPiecesMakeUpTheReply()
    {
        string text = "";
        List<OutputImage> pictures = [];
        Reply? last = null;
        await foreach (
            ReplyUpdate update in _model.StreamAsync(new GenerateRequest("A red cube on a blue table.") { Settings = Small }))
        {
            text += update is ReplyUpdate.TextDelta delta ? delta.Text : "";
            pictures.AddRange(update is ReplyUpdate.ImageFinished finished ? [finished.Image] : []);
            last = update is ReplyUpdate.Finished end ? end.Reply : last;
        }

        Assert.Equal(last!.PlainText, text);
        Assert.Equal(last.Images[0].Image, Assert.Single(pictures).Image);
    }

    [Fact]
    public async Task AStopSequenceEndsTheReplyAndIsNotPartOfIt()
    {
        var request = new UnderstandRequest("How are you today?")
        {
            Reply = new() { MaxNewTokens = 24, StopSequences = ["ns(t"] }
        };
        Reply reply = await _model.UnderstandAsync(request);
        Assert.Equal(" ma", reply.PlainText);
        Assert.Equal(NexusGen.Autoregressive.FinishReason.StopSequence, reply.Finish);
    }

    [Fact]
    public async Task CancellingEndsWithinAStepAndTheModelGoesOn()
    {
        using var source = new CancellationTokenSource();
        var progress = new Immediate(report =>
        {
            if (report is { Phase: ProgressPhase.Denoising, Completed: 2 })
            {
                source.Cancel();
            }

            Assert.False(report is { Phase: ProgressPhase.Denoising, Completed: > 2 });
        });
        var request = new GenerateRequest("A red cube on a blue table.") { Settings = Small with { Steps = 50 } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _model.GenerateAsync(request, progress, source.Token));
        await _model.GenerateAsync(request with { Settings = Small });
    }

    [Fact]
    public async Task AChatRemembersAndEditsWhatItDrew()
    {
        Chat chat = _model.StartChat();
        Reply drawn = await chat.ReplyAsync(new ChatInput("Draw a cube.")
        {
            Settings = Small,
            Reply = new() { ForceImage = true, MaxNewTokens = 90 }
        });
        Assert.Equal(DecoderChoice.Generation, drawn.Images[0].Decoder);
        Reply edited = await chat.ReplyAsync(new ChatInput("Make it blue.")
        {
            Action = ChatAction.Edit,
            Settings = Small,
            Reply = new() { ForceImage = true, MaxNewTokens = 90 }
        });
        Assert.Equal(DecoderChoice.Editing, edited.Images[0].Decoder);
        Assert.True(edited.PromptTokenCount > drawn.PromptTokenCount + 81);
        Assert.Equal(2, chat.Turns.Count);
        Assert.Same(drawn.Images[0].Image, Assert.Single(chat.Turns[1].Images));
        Assert.Same(edited.Images[0].Image, chat.LastImage);
        await Assert.ThrowsAsync<NexusGenException>(
            () => chat.ReplyAsync(new ChatInput("<image> and <image>") { Images = [Image("room.png")] }));
        Assert.Equal(2, chat.Turns.Count);
        Assert.Equal("Make it blue.", chat.Undo()!.Input!.Text);
        Assert.Same(drawn.Images[0].Image, chat.LastImage);
    }

    [Fact]
    public async Task ReconstructsAndMeasures()
    {
        foreach (DecoderChoice choice in new[] { DecoderChoice.Generation, DecoderChoice.Editing })
        {
            Reconstruction result = await _model.ReconstructAsync(
                new ReconstructRequest(Image("cat.png")) { Decoder = choice, Settings = Small });
            Assert.Equal((64, 64), (result.Image.Image.Width, result.Image.Image.Height));
            Assert.Equal(choice, result.Image.Decoder);
            Assert.InRange(result.Psnr, 3, 30);
        }
    }

    [Fact]
    public async Task ABudgetChangesNothingButWhereWeightsAre()
    {
        using NexusGenModel tight = Open(new NexusGenOptions { Precision = Precision.Float32, MemoryBudget = 4_000_000 });
        var request = new GenerateRequest("A red cube on a blue table.") { Settings = Small };
        Reply expected = await _model.GenerateAsync(request), actual = await tight.GenerateAsync(request);
        Assert.Equal(expected.Images[0].Image, actual.Images[0].Image);
        Assert.Single(tight.LoadedComponents);
    }

    [Theory]
    [InlineData("there-is-nothing")]
    [InlineData("tpu:0")]
    public void AnUnknownDeviceIsOneSentence(string device) =>
        Assert.Contains(
            "device",
            Assert.Throws<NexusGenException>(() => Open(new NexusGenOptions { Device = device })).Message,
            StringComparison.Ordinal);

    private static RgbImage Image(string name) => ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", name));

    private NexusGenModel Open(NexusGenOptions options) =>
        NexusGenModel.Open(ReferenceFolder.TinyModel, options with { CacheFolder = _cache });

    private sealed class Immediate(Action<ProgressReport> report) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => report(value);
    }
}
