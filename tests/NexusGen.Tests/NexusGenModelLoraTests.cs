using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Tests.Lora;
using NexusGen.Weights.Modules;

namespace NexusGen.Tests;

/// <summary>Requests with LoRA files.</summary>
public sealed class NexusGenModelLoraTests : IDisposable
{
    private static readonly ImageSettings Small = new() { Width = 64, Height = 64, Steps = 2, CfgScale = 1 };

    private readonly TemporaryFolder _folder = new();
    private readonly LoraSettings _style;
    private readonly LoraSettings _other;
    private readonly LoraSettings _language;

    public NexusGenModelLoraTests()
    {
        _style = new(RandomLora.WriteFlux(ReferenceFolder.TinyModel, _folder["style.safetensors"], 1, size: 0.6));
        _other = new(RandomLora.WriteFlux(ReferenceFolder.TinyModel, _folder["other.safetensors"], 2, size: 0.6));
        _language = new(RandomLora.WriteLanguage(ReferenceFolder.TinyModel, _folder["adapter"], 3));
    }

    public void Dispose() => _folder.Dispose();

    // Nothing stays behind, whatever the storage format, and whether blocks are in memory or read at each use.
    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, 4_000_000L)]
    public async Task WithoutAfterWithIsAsBefore(bool eight, long? budget)
    {
        using NexusGenModel model = Open(new NexusGenOptions
        {
            Weights = WeightFormats.Dense with { Decoders = eight ? DenseFormat.Float8 : DenseFormat.Instance },
            MemoryBudget = budget,
        });
        RgbImage before = await Draw(model), with = await Draw(model, _style), after = await Draw(model),
            again = await Draw(model, _style);
        Assert.Equal(before, after);
        Assert.Equal(with, again);
        Assert.NotEqual(before, with);
    }

    [Fact]
    public async Task StrengthsAddUpAndTheSettingsTellThem()
    {
        using NexusGenModel model = Open();
        RgbImage plain = await Draw(model), with = await Draw(model, _style);
        Assert.Equal(plain, await Draw(model, _style with { Strength = 0 }));
        Assert.Equal(with, await Draw(model, _style with { Strength = 0.5 }, _style with { Strength = 0.5 }));
        Assert.NotEqual(with, await Draw(model, _style with { Strength = 0.5 }));
        Assert.NotEqual(with, await Draw(model, _style, _other));
        Reply reply = await model.GenerateAsync(Request(_style with { Strength = 0.25 }));
        Assert.Equal(_style with { Strength = 0.25 }, Assert.Single(reply.Images[0].Settings.Loras));
    }

    [Fact]
    public async Task RequestsWithDifferentLorasShareABatch()
    {
        LoraSettings[][] loras = [[_style], [], [_other], [_style, _other]];
        RgbImage[] alone;
        using (NexusGenModel model = Open())
        {
            List<RgbImage> images = [];
            foreach (LoraSettings[] own in loras)
            {
                images.Add(await Draw(model, own));
            }

            alone = [.. images];
            Assert.InRange(ImageQuality.Psnr(alone[0], alone[1]), 0, 50);
            Assert.InRange(ImageQuality.Psnr(alone[0], alone[2]), 0, 50);
        }

        using NexusGenModel shared = Open(new NexusGenOptions { MaxBatch = 4 });
        RgbImage[] together = await Task.WhenAll(loras.Select(own => Draw(shared, own)));
        Assert.True(shared.DenoisingPasses.MostRows > 1);
        Assert.All(alone.Zip(together), pair => Assert.True(ImageQuality.Psnr(pair.First, pair.Second) > 50));
    }

    [Fact]
    public async Task AnAdapterOfTheLanguageModelChangesItsOwnReplyOnly()
    {
        UnderstandRequest plain = Ask(), with = Ask(_language);
        using NexusGenModel model = Open(new NexusGenOptions { MaxBatch = 4 });
        Reply before = await model.UnderstandAsync(plain), changed = await model.UnderstandAsync(with);
        Assert.NotEqual(before.TokenIds, changed.TokenIds);
        Reply[] together = await Task.WhenAll(
            model.UnderstandAsync(with), model.UnderstandAsync(plain), model.UnderstandAsync(with));
        Assert.Equal(changed.TokenIds, together[0].TokenIds);
        Assert.Equal(before.TokenIds, together[1].TokenIds);
        Assert.Equal(changed.TokenIds, together[2].TokenIds);
        Assert.Equal(before.TokenIds, (await model.UnderstandAsync(plain)).TokenIds);
        Assert.Equal(before.TokenIds, (await model.UnderstandAsync(Ask(_language with { Strength = 0 }))).TokenIds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(4_000_000L)]
    public async Task MergedFilesGiveWhatUnmergedOnesGive(long? budget)
    {
        RgbImage expected, plain;
        int[] tokens;
        using (NexusGenModel model = Open())
        {
            expected = await Draw(model, _style with { Strength = 0.5 });
            plain = await Draw(model);
            tokens = [.. (await model.UnderstandAsync(Ask(_language))).TokenIds];
        }

        using (NexusGenModel merged = Open(new NexusGenOptions
        {
            MergedLoras = [_style with { Strength = 0.5 }],
            MemoryBudget = budget,
        }))
        {
            Assert.InRange(ImageQuality.Psnr(expected, plain), 0, 50);
            Assert.True(ImageQuality.Psnr(expected, await Draw(merged)) > 55);
        }

        using NexusGenModel language = Open(new NexusGenOptions { MergedLoras = [_language] });
        Assert.Equal(tokens, (await language.UnderstandAsync(Ask())).TokenIds);
    }

    [Fact]
    public async Task AFileInTheWrongPlaceOrThatIsWrongIsRefused()
    {
        using NexusGenModel model = Open();
        foreach ((LoraSettings lora, string word) in ((LoraSettings, string)[])
        [
            (_language, "base_model.model."),
            (new LoraSettings(_folder["none.safetensors"]), "does not exist"),
            (new LoraSettings(" "), "empty"),
            (_style with { Strength = double.NaN }, "finite"),
        ])
        {
            NexusGenException e = await Assert.ThrowsAnyAsync<NexusGenException>(() => Draw(model, lora));
            Assert.Contains(word, e.Message, StringComparison.Ordinal);
        }

        NexusGenException decoder = await Assert.ThrowsAnyAsync<NexusGenException>(() => model.UnderstandAsync(Ask(_style)));
        Assert.Contains("double_blocks.0", decoder.Message, StringComparison.Ordinal);
    }

    // A file that was replaced is another one; a LoRA that was read once is found again.
    [Fact]
    public async Task AFileThatHasChangedIsReadAgain()
    {
        using NexusGenModel model = Open();
        RgbImage first = await Draw(model, _style), other = await Draw(model, _other);
        File.Copy(_other.Path, _style.Path, overwrite: true);
        File.SetLastWriteTimeUtc(_style.Path, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(other, await Draw(model, _style));
        Assert.NotEqual(first, other);
        model.Trim();
        Assert.Equal(other, await Draw(model, _style));
    }

    // A request keeps what it began with, whatever happens to the file meanwhile.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AFileThatGoesOrChangesWhileARequestRunsDoesNotHurtIt(bool replaced)
    {
        using NexusGenModel model = Open();
        RgbImage expected = await Draw(model, _style);
        bool done = false;
        var progress = new Immediate(report =>
        {
            if (report.Phase == ProgressPhase.Generating && !done)
            {
                done = true;
                File.Delete(_style.Path);
                if (replaced)
                {
                    File.Copy(_other.Path, _style.Path);
                }
            }
        });
        Reply reply = await model.GenerateAsync(Request(_style), progress);
        Assert.True(done);
        Assert.Equal(expected, reply.Images[0].Image);
    }

    [Fact]
    public async Task TheShippedModelDrawsWithALoraAndAsBeforeWithoutIt()
    {
        string folder = NexusGen.Cli.Core.ModelFinder.FindTiny();
        LoraSettings lora = new(RandomLora.WriteFlux(folder, _folder["shipped.safetensors"], 4));
        using NexusGenModel model = NexusGenModel.Open(folder, new NexusGenOptions { CacheFolder = _folder["cache"] });
        GenerateRequest request = new("a red star") { Settings = new() { Steps = 2, CfgScale = 1 } };
        RgbImage before = (await model.GenerateAsync(request)).Images[0].Image;
        RgbImage with = (await model.GenerateAsync(request with { Settings = request.Settings with { Loras = [lora] } }))
            .Images[0].Image;
        Assert.NotEqual(before, with);
        Assert.Equal(before, (await model.GenerateAsync(request)).Images[0].Image);
    }

    private static GenerateRequest Request(params LoraSettings[] loras) => new("A red cube on a blue table.")
    {
        Reply = new() { ForceImage = true, MaxNewTokens = 4 },
        Settings = Small with { Loras = loras },
    };

    private static UnderstandRequest Ask(params LoraSettings[] loras) => new("How are you today?")
    {
        Reply = new() { MaxNewTokens = 8, Loras = loras, TextOnly = true },
    };

    private static async Task<RgbImage> Draw(NexusGenModel model, params LoraSettings[] loras) =>
        (await model.GenerateAsync(Request(loras))).Images[0].Image;

    private sealed class Immediate(Action<ProgressReport> report) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => report(value);
    }

    private NexusGenModel Open(NexusGenOptions? options = null) => NexusGenModel.Open(
        ReferenceFolder.TinyModel,
        (options ?? new NexusGenOptions()) with { Precision = Precision.Float32, CacheFolder = _folder["cache"] });
}
