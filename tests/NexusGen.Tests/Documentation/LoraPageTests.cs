using System.Text.RegularExpressions;
using NexusGen.Cli.Core;
using NexusGen.Tests.Cli;
using NexusGen.Tests.Lora;
using NexusGen.Tests.Model;

namespace NexusGen.Tests.Documentation;

/// <summary>The commands of docs/lora.md run as they are written, with files of the small model under their names.</summary>
public sealed class LoraPageTests : IDisposable
{
    private const string Page = "docs/lora.md";

    private static readonly string[] Files =
        ["watercolour.safetensors", "harbours.safetensors", "hyper-flux-8.safetensors", "turbo-alpha.safetensors"];

    private static readonly string[] Names =
    [
        .. Files, "adapter", "harbour.png", "pictures", "pairs", "runs/", "style.", "careful.yaml", "words.yaml", "edits.yaml",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly ModelCopy _model = new();

    public LoraPageTests() => _model.MakeImagesSmall();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task EveryCommandRuns()
    {
        foreach ((int i, string file) in Files.Index())
        {
            RandomLora.WriteFlux(_model.Path, _folder[file], (ulong)i);
        }

        RandomLora.WriteLanguage(_model.Path, _folder["adapter"], 9);
        File.Copy(CliRun.Picture("room.png"), _folder["harbour.png"]);
        WriteData();
        string[] commands =
        [
            .. DocumentedPage.Blocks(Page).SelectMany(block => block.Split('\n'))
                .Where(line => line.StartsWith("nexusgen ", StringComparison.Ordinal)),
        ];
        Assert.Equal(16, commands.Length);
        foreach (string command in commands)
        {
            CliRun run = await CliRun.Of([.. Words(command).Skip(1), .. More(command)]);
            Assert.True(run.Code == ExitCode.Success, $"{command}\n{run.Error}");
        }

        Assert.True(File.Exists(_folder["pictures/cat.txt"]));
        Assert.Equal("a room", File.ReadAllText(_folder["pictures/room.txt"]));
        Assert.True(File.Exists(_folder["style.safetensors"]));
        Assert.True(File.Exists(_folder["others/prior-00000.png"]));
        Assert.True(File.Exists(_folder["runs/careful/samples/step-00000001-1.png"]));
        Assert.True(File.Exists(_folder["runs/words/lora/adapter_config.json"]));
    }

    // The configurations of the page, and the data that they name.
    private void WriteData()
    {
        foreach (string yaml in DocumentedPage.Blocks(Page, "yaml"))
        {
            string name = yaml.Split('\n')[0].TrimStart('#', ' ');
            _folder.Write(
                name,
                Regex.Replace(yaml, "path: ([a-z]+)", path => $"path: '{_folder[path.Groups[1].Value]}'")
                    .Replace("images: 300", "images: 1", StringComparison.Ordinal));
        }

        foreach (string folder in (string[])["pictures", "pairs/before", "pairs/after"])
        {
            Directory.CreateDirectory(_folder[folder]);
            File.Copy(CliRun.Picture("room.png"), _folder[folder + "/room.png"]);
            File.Copy(CliRun.Picture("cat.png"), _folder[folder + "/cat.png"]);
        }

        _folder.Write("pictures/room.txt", "a room");
        _folder.Write("pairs/room.txt", "Make it winter.");
        _folder.Write("pairs/cat.txt", "Make it night.");
    }

    private IEnumerable<string> More(string command) => command.Split(' ')[1] switch
    {
        "export" => [],
        "train" =>
        [
            "--set", "steps=1", "--set", "accumulate=1", "--set", "threads=1",
        ],
        "understand" or "caption" => ["--model", _model.Path, "--max-new-tokens", "4"],
        _ =>
        [
            "--model", _model.Path, "--width", "64", "--height", "64", "--force-drawing", "--max-new-tokens", "4",
            "--output", _folder["out.png"], .. command.Contains("--steps", StringComparison.Ordinal) ? Array.Empty<string>()
                : ["--steps", "1"],
        ],
    };

    // The words of a command line, with the names of files as paths.
    private IEnumerable<string> Words(string command) => command.Split('"').Index()
        .SelectMany(part => part.Index % 2 == 1 ? [part.Item] : part.Item.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(word => word == "models" ? _model.Path
            : Names.Any(file => word.StartsWith(file, StringComparison.Ordinal)) ? _folder[word] : word);
}
