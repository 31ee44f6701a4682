using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Tests.Model;

namespace NexusGen.Tests.Cli;

/// <summary>What the doctor says about models that are whole, and about others.</summary>
public sealed class DoctorCommandTests
{
    [Fact]
    public async Task WholeModelIsMeasured()
    {
        CliRun run = await CliRun.Of("doctor", "--model", CliRun.TinyModel, "--json");

        Assert.Equal(("", ExitCode.Success), (run.Error, run.Code));
        JsonNode json = JsonNode.Parse(run.Out)!;
        Assert.True((bool)json["whole"]!);
        Assert.Equal(
            ["configuration", "language-model", "generation-decoder", "editing-decoder", "autoencoder", "clip", "t5"],
            json["parts"]!.AsArray().Select(part => (string)part!["name"]!));
        Assert.All(json["formats"]!.AsArray(), format => Assert.True((double)format!["minutes"]! > 0));
        Assert.All(json["formats"]!.AsArray(), format => Assert.True((long)format!["bytes"]! > 1_000_000));
        Assert.True((long)json["machine"]!["memory"]! >= (long)json["machine"]!["memory_free"]!);
        Assert.Contains("cpu", json["machine"]!["devices"]!.AsArray().Select(device => (string)device!));

        CliRun text = await CliRun.Of("doctor", "--model", CliRun.TinyModel, "--no-measurement", "--deep");
        Assert.Contains("The model is whole.", text.Out);
        Assert.Contains("Choose: ", text.Out);
        Assert.Contains("0 files have a known checksum", text.Out);
    }

    [Theory]
    [InlineData("Nexus-GenV2/model-00002-of-00002.safetensors", "language-model")]
    [InlineData("Nexus-GenV2/generation_decoder.bin", "generation-decoder")]
    [InlineData("FLUX/FLUX.1-dev/ae.safetensors", "autoencoder")]
    [InlineData("FLUX/FLUX.1-dev/tokenizer/vocab.json", "clip")]
    [InlineData("Nexus-GenV2/vocab.json", "configuration")]
    [InlineData("Nexus-GenV2/config.json", "configuration")]
    public async Task MissingFilesAreTold(string file, string part)
    {
        using var copy = new ModelCopy();
        File.Delete(copy[file]);
        if (file.EndsWith("GenV2/vocab.json", StringComparison.Ordinal))
        {
            File.Delete(copy["Nexus-GenV2/tokenizer.json"]);
        }

        await AssertToldAsync(copy, part);
    }

    [Theory]
    [InlineData("Nexus-GenV2/model-00002-of-00002.safetensors", "language-model")]
    [InlineData("Nexus-GenV2/edit_decoder.bin", "editing-decoder")]
    [InlineData("FLUX/FLUX.1-dev/text_encoder_2/model-00001-of-00002.safetensors", "t5")]
    public async Task TruncatedFilesAreTold(string file, string part)
    {
        using var copy = new ModelCopy();
        using (FileStream stream = File.OpenWrite(copy[file]))
        {
            stream.SetLength(stream.Length - 100);
        }

        await AssertToldAsync(copy, part);
    }

    private static async Task AssertToldAsync(ModelCopy copy, string part)
    {
        CliRun run = await CliRun.Of("doctor", "--model", copy.Path, "--no-measurement", "--json");
        Assert.Equal(ExitCode.Failed, run.Code);
        JsonNode json = JsonNode.Parse(run.Out)!;
        JsonNode wrong = Assert.Single(json["parts"]!.AsArray(), found => !(bool)found!["whole"]!)!;
        Assert.Equal(part, (string)wrong["name"]!);
        Assert.NotEmpty((string)wrong["problem"]!);
        Assert.Contains("nexusgen pull --model", (string)json["remedy"]!);
    }
}
