using NexusGen.Diffusion.Flux;
using NexusGen.Model;
using NexusGen.Tests.Cli;
using NexusGen.Tests.Model;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Decoders that begin as the published FLUX.</summary>
public sealed class FluxStartTests
{
    [Theory]
    [InlineData("generation")]
    [InlineData("editing")]
    public async Task ADecoderBeginsAsFlux(string kind)
    {
        using var model = new ModelCopy();
        string data = model["prepared"], run = model["run"];
        CliRun prepared = await CliRun.Of(
            "prepare", kind, "--data", kind == "editing" ? "shapesworld:edit" : "shapesworld:generate", "--samples", "2", "--batch-size", "2",
            "--width", "32", "--height", "32", "--output", data, "--model", model.Path);
        Assert.Equal((0, ""), (prepared.Code, prepared.Error));

        // With hardly a learning rate it stays what it began as.
        CliRun trained = await CliRun.Of(
            "train", $"{kind}-decoder", "--model", model.Path, "--output", run, "--set", "from_nothing=true", "--set", "transformer_from_flux=true",
            "--set", "learning_rate=1e-30", "--set", "weight_decay=0", "--set", "precision=float32", "--set", "steps=1", "--set", "batch_size=2",
            "--set", $"data=[{{path: '{data}'}}]");
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        using var files = new ModelFiles(ModelPaths.Find(model.Path));
        using FluxTransformer published = files.FluxPart(files.Paths.FluxTransformer).Load(LoadOptions.Reference);
        using FluxTransformer own = files.FluxPart(kind == "editing" ? files.Paths.EditingDecoder : files.Paths.GenerationDecoder).Load(LoadOptions.Reference);
        using var before = new ModelFiles(ModelPaths.Find(LoadedModel.Folder));
        using FluxTransformer official = before.FluxPart(kind == "editing" ? before.Paths.EditingDecoder : before.Paths.GenerationDecoder).Load(LoadOptions.Reference);
        using var scope = NewDisposeScope();
        Assert.EndsWith(".safetensors", kind == "editing" ? files.Paths.EditingDecoder : files.Paths.GenerationDecoder);
        Assert.All(published.Parameters.Zip(own.Parameters), both => Assert.True(both.First.Value.allclose(both.Second.Value), both.First.Name));
        Assert.Contains(official.Parameters.Zip(own.Parameters), both => !both.First.Value.allclose(both.Second.Value));
    }

    [Fact]
    public async Task OneBeginningIsNamed()
    {
        using var model = new ModelCopy();
        CliRun run = await CliRun.Of(
            "train", "editing-decoder", "--model", model.Path, "--output", model["run"], "--set", "transformer_from_flux=true",
            "--set", "transformer_from_generation_decoder=true", "--set", "data=[{path: 'x.jsonl'}]");
        Assert.NotEqual(0, run.Code);
        Assert.Contains("can't both be true", run.Error);
    }
}
