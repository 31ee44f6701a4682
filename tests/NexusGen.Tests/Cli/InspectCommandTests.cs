using System.Text.Json.Nodes;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

public class InspectCommandTests
{
    [Fact]
    public async Task TellsNamesTypesShapesSizesAndTotals()
    {
        CliRun run = await CliRun.Of("inspect", Path.Combine(CliRun.TinyModel, "FLUX/FLUX.1-dev/ae.safetensors"));

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Matches(@"(?m)^encoder\.mid\.block_1\.conv2\.weight +BF16 +\[32, 32, 3, 3\] +18\.43 kB\s*$", run.Out);
        Assert.Matches(@"(?m)^all +244 +849,571 +1\.70 MB\s*$", run.Out);
    }

    [Fact]
    public async Task AProgramGetsTheSame()
    {
        CliRun run = await CliRun.Of("inspect", Path.Combine(CliRun.TinyModel, "Nexus-GenV2/generation_decoder.bin"), "--json");

        JsonNode json = JsonNode.Parse(run.Out)!;
        JsonArray tensors = json["tensors"]!.AsArray();
        Assert.Equal(json["total"]!["tensors"]!.GetValue<int>(), tensors.Count);
        Assert.Equal(json["total"]!["bytes"]!.GetValue<long>(), tensors.Sum(tensor => tensor!["bytes"]!.GetValue<long>()));
        Assert.Contains(tensors, tensor => tensor!["name"]!.GetValue<string>() == "adapter.0.weight" && tensor["type"]!.GetValue<string>() == "BF16"
            && tensor["shape"]!.AsArray().Select(side => side!.GetValue<long>()).SequenceEqual([96L, 64L]));
    }

    [Fact]
    public async Task AFolderGivesEveryFileInItOnce()
    {
        CliRun run = await CliRun.Of("inspect", CliRun.TinyModel, "--json");

        string[] files = [.. JsonNode.Parse(run.Out)!["files"]!.AsArray().Select(file => Path.GetFileName(file!["name"]!.GetValue<string>()))];
        Assert.Equal(
            ["ae.safetensors", "edit_decoder.bin", "flux1-dev.safetensors", "generation_decoder.bin", "model-00001-of-00002.safetensors", "model-00001-of-00002.safetensors",
             "model-00002-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors"],
            files.Where(file => file != "empty-prompt.safetensors").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task WhatIsNotThereOrNoWeightsIsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.safetensors"], "no weights");

        foreach (string path in (string[])[folder["nothing"], folder["text.safetensors"], folder.Path, Path.Combine(ReferenceFolder.Path, "images"), folder["no.png"]])
        {
            CliRun run = await CliRun.Of("inspect", path);

            Assert.Equal(ExitCode.Failed, run.Code);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
            Assert.Empty(run.Out);
        }
    }

    [Fact]
    public async Task APictureOfAnotherProgramTellsNothing()
    {
        CliRun run = await CliRun.Of("inspect", CliRun.Picture("mini.png"));

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Contains("does not tell how it was made", run.Out);
    }
}
