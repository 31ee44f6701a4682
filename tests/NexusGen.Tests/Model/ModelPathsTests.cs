using NexusGen.Core;
using NexusGen.Model;

namespace NexusGen.Tests.Model;

public sealed class ModelPathsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelPathsTests()
    {
        Touch("Nexus-GenV2/config.json");
        Touch("FLUX/FLUX.1-dev/ae.safetensors");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("Nexus-GenV2")]
    [InlineData("Nexus-GenV2/")]
    public void TheOfficialLayoutFromItsRootOrTheLanguageModel(string below)
    {
        ModelPaths paths = ModelPaths.Find(_folder.Path + "/" + below);
        Assert.Equal(_folder.Path, paths.Root);
        Assert.Equal(_folder["Nexus-GenV2"], paths.LanguageModel);
        Assert.Equal(_folder["Nexus-GenV2/generation_decoder.bin"], paths.GenerationDecoder);
        Assert.Equal(_folder["Nexus-GenV2/edit_decoder.bin"], paths.EditingDecoder);
        Assert.Equal(_folder["FLUX/FLUX.1-dev/ae.safetensors"], paths.Autoencoder);
        Assert.Equal(_folder["FLUX/FLUX.1-dev/text_encoder"], paths.Clip);
        Assert.Equal(_folder["FLUX/FLUX.1-dev/tokenizer_2"], paths.T5Tokenizer);
        Assert.Equal(_folder["nexus-gen.json"], paths.Configuration);
        Assert.Equal(_folder["empty-prompt.safetensors"], paths.EmptyPrompt);
    }

    [Fact]
    public void SafetensorsOfTheSameNameGoFirst()
    {
        Touch("Nexus-GenV2/generation_decoder.bin");
        Touch("Nexus-GenV2/generation_decoder.safetensors");
        Assert.Equal(_folder["Nexus-GenV2/generation_decoder.safetensors"], ModelPaths.Find(_folder.Path).GenerationDecoder);
    }

    [Fact]
    public void SafetensorsInSeveralFilesGoByTheirIndex()
    {
        Touch("Nexus-GenV2/generation_decoder.bin");
        Touch("Nexus-GenV2/generation_decoder.safetensors.index.json");
        Touch("Nexus-GenV2/generation_decoder-00001-of-00001.safetensors");
        Touch("Nexus-GenV2/model.safetensors.index.json");
        ModelPaths paths = ModelPaths.Find(_folder.Path);
        Assert.Equal(_folder["Nexus-GenV2/generation_decoder.safetensors.index.json"], paths.GenerationDecoder);
        Assert.Equal(_folder["Nexus-GenV2/model.safetensors.index.json"], paths.LanguageModelWeights);
    }

    [Fact]
    public void EveryPartMayLieElsewhere()
    {
        Touch("other/language/config.json");
        Touch("other/FLUX/FLUX.1-dev/ae.safetensors");
        var elsewhere = new ModelPathOverrides
        {
            LanguageModel = _folder["other/language"],
            GenerationDecoder = "/a/g.pt",
            EditingDecoder = "/a/e.pt",
            Flux = _folder["other"]
        };
        ModelPaths paths = ModelPaths.Find(_folder.Path, elsewhere);
        Assert.Equal(
            (_folder["other/language"], "/a/g.pt", "/a/e.pt"),
            (paths.LanguageModel, paths.GenerationDecoder, paths.EditingDecoder));
        Assert.Equal(_folder["other/FLUX/FLUX.1-dev/ae.safetensors"], paths.Autoencoder);
        Assert.Equal(paths.Flux, ModelPaths.Find(_folder.Path, elsewhere with { Flux = paths.Flux }).Flux);
        Assert.Equal(
            _folder["other/language/edit_decoder.bin"],
            ModelPaths.Find(_folder.Path, new() { LanguageModel = _folder["other/language"] }).EditingDecoder);
    }

    [Fact]
    public void WhatIsNotThereIsNamed()
    {
        Assert.Equal(
            $"The folder {_folder["none"]} does not exist; specify the folder that contains Nexus-GenV2/ and FLUX/FLUX.1-dev/.",
            Assert.Throws<NexusGenException>(() => ModelPaths.Find(_folder["none"])).Message);
        string flux = _folder["FLUX"];
        Assert.StartsWith(
            $"{flux} contains no model: {_folder["FLUX/Nexus-GenV2/config.json"]} is missing.",
            Assert.Throws<NexusGenException>(() => ModelPaths.Find(flux)).Message);
        Assert.Contains(
            "/nowhere/config.json",
            Assert.Throws<NexusGenException>(() => ModelPaths.Find(_folder.Path, new() { LanguageModel = "/nowhere" })).Message);
    }

    private void Touch(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
        File.WriteAllText(_folder[file], "{}");
    }
}
