using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Tests.Imaging;
using NexusGen.Tests.Training;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Stages;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>A model whose embeddings are merged from 3×3 patches, where every published model merges 2×2.</summary>
public sealed class MergeSizeTests : IDisposable
{
    private const int Merge = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public MergeSizeTests() => _model = BegunModelFolder.Write(_folder["model"], Merge);

    public void Dispose() => _folder.Dispose();

    // 130×90 pixels are 3×2 areas of 42×42.
    [Fact]
    public async Task ItReadsAnImage()
    {
        using NexusGenModel model = NexusGenModel.Open(_model);
        Reply reply = await model.UnderstandAsync(new UnderstandRequest("draw")
        {
            Images = [Pictures.Noise(130, 90)],
            Reply = new ReplySettings { MaxNewTokens = 2, TextOnly = true },
        });
        Reply plain = await model.UnderstandAsync(new UnderstandRequest("draw")
        {
            Images = [Pictures.Noise(84, 84)],
            Reply = new ReplySettings { MaxNewTokens = 2, TextOnly = true },
        });
        Assert.Equal((3 * 2) - (2 * 2), reply.PromptTokenCount - plain.PromptTokenCount);
    }

    [Theory]
    [InlineData("shapesworld:understand")]
    [InlineData("shapesworld:edit")]
    public void ItsLanguageModelIsTrained(string data)
    {
        StageRun.Of(new LanguageModelStage(), _model, _folder["run"], new AutoregressiveTrainingConfiguration
        {
            Data = [new DataSource { Path = data }],
            Steps = 1,
            BatchSize = 2,
        });
        Assert.True(double.IsFinite(Assert.Single(ToyTraining.Losses(_folder["run"])).Loss));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ItsDecodersAreTrained(bool editing)
    {
        using (NewDisposeScope())
        {
            PreparedFolder.Write(_folder["prepared"], randn(2, 16, 32), editing ? randn(2, 16, 32) : null, randn(2, 16, 8, 8));
        }

        StageRun.Of(new DecoderStage(editing), _model, _folder["run"], new DecoderTrainingConfiguration
        {
            Data = [new DataSource { Path = _folder["prepared"] }],
            FromNothing = true,
            Steps = 1,
            BatchSize = 2,
        });
        Assert.True(double.IsFinite(Assert.Single(ToyTraining.Losses(_folder["run"])).Loss));
    }

    [Fact]
    public void AnImageProcessorWithAnotherSizeIsRefused()
    {
        string path = Path.Combine(_model, "Nexus-GenV2", ImageProcessorConfig.FileName);
        string text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace("\"merge_size\": 3", "\"merge_size\": 2", StringComparison.Ordinal));
        using var files = new ModelFiles(ModelPaths.Find(_model));
        Assert.Equal(
            $"{path}: patch_size 14 and merge_size 2 must be patch_size 14 and spatial_merge_size 3 of vision_config in "
            + "config.json.",
            Assert.Throws<NexusGenException>(() => files.ImageProcessor).Message);
    }

    [Fact]
    public void TheNumberOfImageTokensGivesTheGrid() =>
        Assert.Equal(new GridThw(1, 15, 15), Read("""{ "image_tokens": 25 }""").Grids.Drawn);

    [Theory]
    [InlineData("""{ "grids": { "drawn": [1, 8, 9] } }""", "must be multiples of 3")]
    [InlineData("""{ "image_tokens": 16, "grids": { "drawn": [1, 9, 9] } }""", "[1, 9, 9] has 9 tokens")]
    [InlineData(null, "[1, 18, 18] has 36 tokens")]
    public void GridsAreChecked(string? json, string why) =>
        Assert.Contains(why, Assert.Throws<NexusGenException>(() => Read(json)).Message);

    private NexusGenConfiguration Read(string? json)
    {
        if (json is not null)
        {
            File.WriteAllText(_folder["nexus-gen.json"], json);
        }

        return NexusGenConfiguration.Read(_folder["nexus-gen.json"], Merge);
    }
}
