using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Model;

namespace NexusGen.Tests.Model;

public sealed class NexusGenConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheReferenceModels()
    {
        NexusGenConfiguration read = NexusGenConfiguration.Read(Path.Combine(LoadedModel.Folder, "nexus-gen.json"));
        Assert.Equal(
            (64, 2, 2, 2, 96, 32, 4.0),
            (
                read.Flux.HiddenSize,
                read.Flux.NumHeads,
                read.Flux.Depth,
                read.Flux.DepthSingleBlocks,
                read.Flux.ContextInDim,
                read.Flux.VecInDim,
                read.Flux.MlpRatio));
        Assert.Equal([8, 12, 12], read.Flux.AxesDim);
        Assert.Equal([1, 1, 2, 1], read.Autoencoder.ChMult);
        Assert.Equal((32, 32, 8), (read.Autoencoder.Ch, read.Autoencoder.NormGroups, read.Autoencoder.Downscale));
        Assert.Equal((64, 96), (read.GenerationDecoder.InChannel, read.GenerationDecoder.OutChannel));
        Assert.Equal(
            (1, 96, 4),
            (read.EditingDecoder.NumLayers, read.EditingDecoder.OutChannel, read.EditingDecoder.ExpandRatio));
        Assert.Equal(new GridSizes(), read.Grids);
        Assert.Equal(new ModelDefaults(), read.Defaults);
    }

    [Fact]
    public void WithoutAFileTheOfficialSizes()
    {
        NexusGenConfiguration official = NexusGenConfiguration.Read(_folder["nexus-gen.json"]);
        Assert.Same(NexusGenConfiguration.Official, official);
        Assert.Equal(
            (81, new GridThw(1, 18, 18), new GridThw(1, 36, 36), new GridThw(1, 72, 72)),
            (official.ImageTokens, official.Grids.Drawn, official.Grids.Source, official.Grids.Base));
        Assert.Equal(
            (50, 3.0, 3.5, 52UL),
            (
                official.Defaults.Generate.Steps,
                official.Defaults.Generate.CfgScale,
                official.Defaults.Generate.EmbeddedGuidance,
                official.Defaults.Generate.Seed));
        Assert.Equal((1.0, 42UL), (official.Defaults.Edit.CfgScale, official.Defaults.Edit.Seed));
    }

    [Fact]
    public void WhatAFileLeavesOutIsAsOfficially()
    {
        NexusGenConfiguration read = Read(
            """
            {
              // one changed value in each section
              "flux": { "depth": 3, "theta": 10000.0 }, "autoencoder": { "norm_groups": 16 },
              "generation_decoder": { "text_ids": "grid" },
              "grids": { "source": [1, 24, 20] },
              "defaults": {
                "positions": "training", "precision": "float32", "generate": { "steps": 20, "cfg_scale": 2 }, "max_pixels": 5000
              },
            }
            """);
        NexusGenConfiguration official = NexusGenConfiguration.Official;
        Assert.Equal(official.Flux with { Depth = 3, AxesDim = read.Flux.AxesDim }, read.Flux);
        Assert.Equal(official.Flux.AxesDim, read.Flux.AxesDim);
        Assert.Equal(16, read.Autoencoder.NormGroups);
        Assert.Equal(TextIdLayout.Grid, read.GenerationDecoder.TextIds);
        Assert.Equal(official.Grids with { Source = new GridThw(1, 24, 20) }, read.Grids);
        Assert.Equal(
            (PositionMode.Training, Precision.Float32, 5000),
            (read.Defaults.Positions, read.Defaults.Precision, read.Defaults.MaxPixels));
        Assert.Equal(
            (20, 2.0, 512),
            (read.Defaults.Generate.Steps, read.Defaults.Generate.CfgScale, read.Defaults.Generate.Width));
    }

    [Fact]
    public void TokensAndGridOfADrawnPictureFollowFromOneAnother()
    {
        Assert.Equal(new GridThw(1, 10, 10), Read("{\"image_tokens\": 25}").Grids.Drawn);
        Assert.Equal(18, Read("{\"grids\": {\"drawn\": [1, 6, 12]}}").ImageTokens);
        NexusGenConfiguration both = Read("{\"image_tokens\": 18, \"grids\": {\"drawn\": [1, 12, 6]}}");
        Assert.Equal((18, new GridThw(1, 12, 6)), (both.ImageTokens, both.Grids.Drawn));
        Assert.Equal(81, Read("{}").ImageTokens);
    }

    [Fact]
    public void UnknownKeysAreKept()
    {
        NexusGenConfiguration read = Read("{\"depht\": 3, \"about\": \"a model\"}");
        Assert.Equal(["depht"], read.Unknown!.Keys);
        Assert.Equal("a model", read.About);
        Assert.Contains("\"depht\": 3", read.ToJson());
    }

    [Fact]
    public void WhatIsWrittenIsReadAgain()
    {
        NexusGenConfiguration written = NexusGenConfiguration.Official with
        {
            About = "smaller",
            ImageTokens = 18,
            Grids = new GridSizes { Drawn = new GridThw(1, 6, 12) },
            Flux = new FluxConfiguration { HiddenSize = 64, NumHeads = 2, AxesDim = [8, 12, 12], GuidanceEmbed = false },
            Autoencoder = new AutoencoderConfiguration { Ch = 32, NormGroups = 8 },
        };
        NexusGenConfiguration read = Read(written.ToJson());
        Assert.Equal(written.ToJson(), read.ToJson());
        Assert.Contains("\"drawn\": [", written.ToJson());
    }

    [Theory]
    [InlineData("", "can't be read")]
    [InlineData("{\"flux\": ", "can't be read")]
    [InlineData("[1]", "can't be read")]
    [InlineData("null", "is empty")]
    [InlineData("{\"flux\": null}", "can't be read")]
    [InlineData("{\"flux\": {\"axes_dim\": null}}", "can't be read")]
    [InlineData("{\"flux\": {\"depth\": \"two\"}}", "flux.depth")]
    [InlineData("{\"flux\": {\"depth\": 2.5}}", "flux.depth")]
    [InlineData("{\"grids\": {\"drawn\": [1, 18]}}", "three positive integers")]
    [InlineData("{\"grids\": {\"source\": [1, 0, 18]}}", "three positive integers")]
    [InlineData("{\"grids\": {\"source\": [1, 9, 18]}}", "the grid [1, 9, 18] is invalid")]
    [InlineData("{\"grids\": {\"drawn\": [1, 9, 36]}}", "the grid [1, 9, 36] is invalid")]
    [InlineData("{\"image_tokens\": 80}", "image_tokens is 80, which is not the number of tokens of a square")]
    [InlineData("{\"image_tokens\": 0}", "image_tokens is 0")]
    [InlineData("{\"image_tokens\": -81}", "image_tokens is -81")]
    [InlineData(
        "{\"image_tokens\": 81, \"grids\": {\"drawn\": [1, 18, 20]}}",
        "image_tokens is 81, but grids.drawn [1, 18, 20] has 90 tokens; make them agree")]
    [InlineData("{\"generation_decoder\": {\"text_ids\": \"round\"}}", "text_ids")]
    [InlineData("{\"defaults\": {\"precision\": \"float12\"}}", "precision")]
    [InlineData("{\"flux\": {\"num_heads\": 0}}", "num_heads is 0")]
    [InlineData("{\"flux\": {\"num_heads\": 7}}", "hidden_size 3072 is not a multiple of num_heads 7")]
    [InlineData("{\"flux\": {\"axes_dim\": [16, 56]}}", "axes_dim [16, 56]")]
    [InlineData("{\"autoencoder\": {\"ch_mult\": []}}", "ch_mult []")]
    [InlineData("{\"autoencoder\": {\"norm_groups\": 0}}", "norm_groups is 0")]
    [InlineData("{\"autoencoder\": {\"ch\": 48}}", "48 channels (ch 48 × ch_mult 1) can't be divided into norm_groups 32")]
    [InlineData("{\"autoencoder\": {\"scale_factor\": 0}}", "scale_factor 0")]
    public void WhatAFileCanNotSay(string json, string why)
    {
        string message = Assert.Throws<NexusGenException>(() => Read(json)).Message;
        Assert.StartsWith(_folder["nexus-gen.json"], message);
        Assert.Contains(why, message);
        Assert.DoesNotContain('\n', message);
    }

    private NexusGenConfiguration Read(string json)
    {
        File.WriteAllText(_folder["nexus-gen.json"], json);
        return NexusGenConfiguration.Read(_folder["nexus-gen.json"]);
    }
}
