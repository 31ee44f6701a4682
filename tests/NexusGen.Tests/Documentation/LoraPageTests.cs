using NexusGen.Cli.Core;
using NexusGen.Tests.Cli;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Documentation;

/// <summary>The commands of docs/lora.md run as they are written, with files of the small model under their names.</summary>
public sealed class LoraPageTests : IDisposable
{
    private static readonly string[] Files =
        ["watercolour.safetensors", "harbours.safetensors", "hyper-flux-8.safetensors", "turbo-alpha.safetensors"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EveryCommandRuns()
    {
        foreach ((int i, string file) in Files.Index())
        {
            RandomLora.WriteFlux(CliRun.TinyModel, _folder[file], (ulong)i);
        }

        RandomLora.WriteLanguage(CliRun.TinyModel, _folder["adapter"], 9);
        File.Copy(CliRun.Picture("room.png"), _folder["harbour.png"]);
        string[] commands =
        [
            .. DocumentedPage.Blocks("docs/lora.md").SelectMany(block => block.Split('\n'))
                .Where(line => line.StartsWith("nexusgen ", StringComparison.Ordinal)),
        ];
        Assert.Equal(7, commands.Length);
        foreach (string command in commands)
        {
            CliRun run = await CliRun.Of([.. Words(command).Skip(1), .. More(command)]);
            Assert.True(run.Code == ExitCode.Success, $"{command}\n{run.Error}");
        }
    }

    private IEnumerable<string> More(string command) => command.Contains("understand", StringComparison.Ordinal)
        ? ["--model", CliRun.TinyModel, "--max-new-tokens", "4"]
        :
        [
            "--model", CliRun.TinyModel, "--width", "64", "--height", "64", "--force-drawing", "--max-new-tokens", "4",
            "--output", _folder["out.png"], .. command.Contains("--steps", StringComparison.Ordinal) ? Array.Empty<string>()
                : ["--steps", "1"],
        ];

    // The words of a command line, with the names of files as paths.
    private IEnumerable<string> Words(string command) => command.Split('"').Index()
        .SelectMany(part => part.Index % 2 == 1 ? [part.Item] : part.Item.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(word => Files.Append("adapter").Append("harbour.png")
            .Any(file => word.StartsWith(file, StringComparison.Ordinal)) ? _folder[word] : word);
}
