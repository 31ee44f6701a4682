using System.Diagnostics;
using NexusGen.Cli.Core;
using NexusGen.Tests.Cli;
using NexusGen.Tests.Hub;

namespace NexusGen.Tests.Documentation;

/// <summary>
/// The commands of docs/models.md run as they are written, against a hub that has the small model as the official one.
/// </summary>
public sealed class ModelsPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EveryCommandRuns()
    {
        await using FakeHub hub = await FakeHub.StartAsync();
        foreach (string file in Directory.GetFiles(ReferenceFolder.TinyModel, "*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(ReferenceFolder.TinyModel, file).Replace('\\', '/');
            hub.Files[path] = File.ReadAllBytes(file);
            if (Path.GetExtension(path) is ".bin" or ".safetensors")
            {
                hub.Large.Add(path);
            }
        }

        hub.Files["repository/style.safetensors"] = [1, 2, 3];
        hub.Repositories["org/name"] = "repository/";
        foreach (string name in (string[])["modelscope/Nexus-GenV2", "DiffSynth-Studio/Nexus-GenV2"])
        {
            hub.Repositories[name] = "Nexus-GenV2/";
        }

        foreach (string name in (string[])["black-forest-labs/FLUX.1-dev", "AI-ModelScope/FLUX.1-dev"])
        {
            hub.Repositories[name] = "FLUX/FLUX.1-dev/";
        }

        // The sizes, which the official model does not need.
        foreach (string name in (string[])["models", "models-q8"])
        {
            Directory.CreateDirectory(_folder[name]);
            File.Copy(Path.Combine(ReferenceFolder.TinyModel, "nexus-gen.json"), Path.Combine(_folder[name], "nexus-gen.json"));
        }

        string[] commands =
        [
            .. DocumentedPage.Blocks("docs/models.md").SelectMany(block => block.Split('\n'))
                .Where(line => line.StartsWith("nexusgen ", StringComparison.Ordinal)).Select(line => line.Split('#')[0].Trim()),
        ];
        Assert.Equal(14, commands.Length);
        foreach (string command in commands)
        {
            await RunAsync(command, hub);
        }

        Assert.False(Directory.Exists(_folder["models-q8"]));
        Assert.True(File.Exists(_folder["models/FLUX/FLUX.1-dev/ae.safetensors"]));
    }

    // What comes before each command on a page for several purposes.
    private async Task RunAsync(string command, FakeHub hub)
    {
        if (command == "nexusgen pull --to q8_0 --model models-q8 --dry-run")
        {
            Directory.Move(_folder["models-q8"], _folder["models-q8-made"]);
        }

        bool isModelScope = command.Contains("--from modelscope", StringComparison.Ordinal);
        string data = _folder["data"];
        Directory.CreateDirectory(data);
        if (command.Contains("remove models-q8", StringComparison.Ordinal))
        {
            Directory.Move(_folder["models-q8-made"], _folder["models-q8"]);
            command += " --yes";
        }

        if (command.Contains("remove org/name", StringComparison.Ordinal))
        {
            Directory.Delete(_folder["models/name"], recursive: true);
            Directory.Delete(_folder["loras"], recursive: true);
        }

        string folder = isModelScope ? Directory.CreateDirectory(_folder["elsewhere"]).FullName : _folder.Path;
        string[] words = [.. command.Replace("\"", "", StringComparison.Ordinal).Split(' ').Skip(1)
            .Select(word => word == "/data/models" ? data : word)];
        var environment = new Dictionary<string, string?>
        {
            ["HF_ENDPOINT"] = hub.Address.AbsoluteUri,
            ["MODELSCOPE_DOMAIN"] = hub.Address.AbsoluteUri,
            ["HF_HOME"] = _folder["hf"],
            ["MODELSCOPE_CACHE"] = _folder["ms"],
            ["HF_TOKEN"] = null,
            ["HF_HUB_CACHE"] = null,
        };
        using Process process = ProcessTests.StartAt(folder, environment, words);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == ExitCode.Success, $"{command}\n{await output}\n{await error}");
    }
}
