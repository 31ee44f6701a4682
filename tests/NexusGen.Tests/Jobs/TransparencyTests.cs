using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Tests.Jobs;

/// <summary>
/// The pixels that a transparent image has in each kind of request: laid over white where the official code calls qwen_vl_utils,
/// the stored colors where it calls <c>convert("RGB")</c>.
/// </summary>
public sealed class TransparencyTests : IDisposable
{
    private static readonly RgbImage Stored = RgbImage.FromBytes(new byte[56 * 56 * 3], 56, 56);
    private static readonly RgbImage White =
        RgbImage.FromBytes([.. Enumerable.Repeat((byte)255, 56 * 56 * 3)], 56, 56);
    private static readonly RgbImage Transparent = Stored.WithAlpha(Stored);

    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);
    private readonly ModelFiles _files = new(ModelPaths.Find(LoadedModel.Folder));

    public void Dispose()
    {
        _model.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void AQuestionIsAskedOverWhite()
    {
        RgbImage Shown(RgbImage image) =>
            GenerationPlan.Of(new UnderstandRequest("?") { Images = [image] }, _files).Images[0].Image!;

        Assert.Equal(Shown(White), Shown(Transparent));
        Assert.NotEqual(Shown(Stored), Shown(Transparent));
    }

    [Fact]
    public void AnEditTakesTheStoredColors()
    {
        GenerationPlan plan = GenerationPlan.Of(new EditRequest(Transparent, "?"), _files);

        Assert.Equal(Stored.Pixels, plan.Images[0].Image!.Crop(0, 0, 56, 56).Pixels);
        Assert.Equal(Stored.Pixels, plan.Image.Source!.Pixels);
    }

    [Fact]
    public async Task AConversationShowsWhite()
    {
        async Task<RgbImage> Edited(RgbImage image)
        {
            var input = new ChatInput("make it blue")
            {
                Images = [image],
                Reply = new() { MaxNewTokens = 4, ForceImage = true },
                Settings = new() { Steps = 1, Width = 32, Height = 32, CfgScale = 1 },
            };
            Reply? reply = null;
            await foreach (ReplyUpdate update in _model.StartChat().SendAsync(input))
            {
                reply = update is ReplyUpdate.Finished finished ? finished.Reply : reply;
            }

            return reply!.Images[0].Image;
        }

        RgbImage seen = await Edited(Transparent);
        Assert.Equal(await Edited(White), seen);
        Assert.NotEqual(await Edited(Stored), seen);
    }
}
