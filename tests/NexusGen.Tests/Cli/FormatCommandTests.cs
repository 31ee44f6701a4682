using System.Text.Json.Nodes;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

/// <summary>Weight files of other tools, through the command line.</summary>
public sealed class FormatCommandTests
{
    private static readonly string Cases = Path.Combine(ReferenceFolder.Path, "formats", "cases");

    [Fact]
    public async Task GenerateTakesGgufFilesInPlaceOfOfficialOnes()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of(
            "generate", "A cat", "--model", CliRun.TinyModel, "--steps", "1", "--width", "64", "--height", "48",
            "--force-drawing", "--max-new-tokens", "4", "--no-mmap", "--output", folder["cat.png"],
            "--generation-decoder-path", Path.Combine(Cases, "gguf-model/flux-comfy-q8_0/flux.gguf"),
            "--ckpt-path", Path.Combine(Cases, "gguf-model/qwen2.5-vl-q8_0/text.gguf"));

        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(["cat.png"], folder.Files);
    }

    [Fact]
    public async Task InspectTellsBlocksAndMetadata()
    {
        string file = Path.Combine(Cases, "gguf-dequantize/common/quants.gguf");
        CliRun run = await CliRun.Of("inspect", file);
        CliRun json = await CliRun.Of("inspect", file, "--json");

        Assert.Matches(@"(?m)^blocks\.q4_k\.weight +Q4_K +\[5, 768\] +2\.16 kB\s*$", run.Out);
        Assert.Matches(@"(?m)^Q4_K \(256 values in 144 bytes\) +1 +3,840 +2\.16 kB\s*$", run.Out);
        Assert.Matches(@"(?m)^test\.numbers +\[1, -2, 3\]\s*$", run.Out);
        JsonNode parsed = JsonNode.Parse(json.Out)!;
        Assert.Equal("quants", parsed["metadata"]!["general.name"]!.GetValue<string>());
        JsonNode type = parsed["types"]!.AsArray().Single(total => total!["name"]!.GetValue<string>() == "Q4_K")!;
        Assert.Equal((256, 144), (type["block_values"]!.GetValue<int>(), type["block_bytes"]!.GetValue<int>()));
    }
}
