using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests;

/// <summary>Tests that previews show what an image will become and do not change it.</summary>
public sealed class PreviewTests : IDisposable
{
    private readonly NexusGenModel _model = NexusGenModel.Open(ModelFinder.FindTiny());

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task ComeAsOftenAsAskedForAndGrowLikeThePicture()
    {
        var settings = new ImageSettings { Steps = 6, PreviewEvery = 2, Seed = 3 };
        RgbImage expected = (await _model.GenerateAsync(
            new GenerateRequest("a red star") { Settings = settings with { PreviewEvery = null } })).Images[0].Image;
        List<ReplyUpdate.Preview> previews = [];
        RgbImage? picture = null;
        await foreach (ReplyUpdate update in _model.StreamAsync(new GenerateRequest("a red star") { Settings = settings }))
        {
            if (update is ReplyUpdate.Preview preview)
            {
                previews.Add(preview);
            }

            picture = (update as ReplyUpdate.ImageFinished)?.Image.Image ?? picture;
        }

        Assert.Equal([2, 4], previews.Select(preview => preview.Step));
        Assert.True(expected.Pixels.SequenceEqual(picture!.Pixels));
        double[] distances = [.. previews.Select(preview => Distance(preview.Image, picture))];
        Assert.True(distances[1] < distances[0] && distances[1] > 0 && distances[0] < 20, string.Join(", ", distances));
    }

    [Fact]
    public async Task WrongStepsAreRefused()
    {
        var e = await Assert.ThrowsAsync<NexusGenException>(
            () => _model.GenerateAsync(new GenerateRequest("x") { Settings = new() { PreviewEvery = 0 } }));
        Assert.Contains("between previews is 0", e.Message);
    }

    [Fact]
    public async Task ANegativePromptThatNothingCanReadIsRefusedBeforeAnythingIsComputed()
    {
        var e = await Assert.ThrowsAsync<NexusGenException>(
            () => _model.GenerateAsync(new GenerateRequest("x") { Settings = new() { CfgScale = 2, NegativePrompt = "y" } }));
        Assert.Contains("supports only an empty negative prompt", e.Message);
        Assert.Empty(_model.LoadedComponents);
    }

    private static double Distance(RgbImage a, RgbImage b)
    {
        double sum = 0;
        for (int i = 0; i < a.Pixels.Length; i++)
        {
            sum += Math.Abs(a.Pixels[i] - b.Pixels[i]);
        }

        return sum / a.Pixels.Length;
    }
}
