using NexusGen.Cli.Core;
using NexusGen.Tests.Cli;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Documentation;

/// <summary>The commands of docs/weights.md run as they are written, with files of the small model under their names.</summary>
public sealed class WeightsPageTests : IDisposable
{
    private static readonly string[] Inputs = ["models", "flux1-dev.safetensors", "flux.gguf", "watercolour.safetensors"];
    private static readonly string[] Outputs =
    [
        "models-q8", "models-q4", "decoders-fp8", "models-style", "flux-q5.gguf", "flux.safetensors", "lighthouse.png",
        "computed",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EveryCommandRuns()
    {
        string flux = Path.Combine(CliRun.TinyModel, "FLUX", "FLUX.1-dev", "flux1-dev.safetensors");
        File.Copy(flux, _folder["flux1-dev.safetensors"]);
        File.Copy(
            Path.Combine(ReferenceFolder.Path, "formats/cases/gguf-model/flux-comfy-q8_0/flux.gguf"), _folder["flux.gguf"]);
        RandomLora.WriteFlux(CliRun.TinyModel, _folder["watercolour.safetensors"], 1);
        string[] commands =
        [
            .. DocumentedPage.Blocks("docs/weights.md").SelectMany(block => block.Split('\n')).Select(line => line.Trim())
                .Where(line => line.StartsWith("nexusgen ", StringComparison.Ordinal)),
        ];
        Assert.Equal(12, commands.Length);
        foreach (string command in commands)
        {
            File.Delete(_folder["lighthouse.png"]);
            CliRun run = await CliRun.Of([.. Words(command).Skip(1), .. More(command)]);
            Assert.True(run.Code == ExitCode.Success, $"{command}\n{run.Error}\n{run.Out}");
        }
    }

    private static IEnumerable<string> More(string command) => command.Contains(" generate ", StringComparison.Ordinal)
        ? ["--width", "64", "--height", "64", "--force-drawing", "--max-new-tokens", "4", "--steps", "1"]
        : [];

    private IEnumerable<string> Words(string command) => command.Split('"').Index()
        .SelectMany(part => part.Index % 2 == 1 ? [part.Item] : part.Item.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(word => word == "models" ? CliRun.TinyModel
            : word == "tests/reference/formats" ? Path.Combine(ReferenceFolder.Path, "formats")
            : Inputs.Concat(Outputs).Any(file => word == file || word.StartsWith(file + "=", StringComparison.Ordinal))
                ? _folder[word]
            : word);
}
