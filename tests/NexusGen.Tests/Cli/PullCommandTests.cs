using System.Diagnostics;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Tests.Hub;

namespace NexusGen.Tests.Cli;

/// <summary>The command pull in a process of its own, with the hubs' variables in its environment.</summary>
public sealed class PullCommandTests
{
    [Fact]
    public async Task FilesAreToldAndFetched()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        byte[] weights = fake.Add("model.safetensors", 2_000_000);
        fake.Add("notes.txt", 100, large: false);
        (int code, string output, string error) = await RunAsync(
            fake, folder, "pull", "org/name", "--output", folder["loras"], "--exclude", "*.txt", "--dry-run");
        Assert.Equal((ExitCode.Success, ""), (code, error));
        Assert.Contains("2.00 MB to fetch", output);
        Assert.Matches(@"2\.00 MB\s+missing\s+\S*model\.safetensors", output);
        Assert.DoesNotContain("notes.txt", output);
        Assert.False(Directory.Exists(folder["loras"]));

        (code, output, _) = await RunAsync(
            fake, folder, "pull", "org/name", "*.safetensors", "--model", folder["models"], "--json");
        Assert.Equal(ExitCode.Success, code);
        JsonNode json = JsonNode.Parse(output)!;
        Assert.Equal((true, 2_000_000), ((bool)json["fetched"]!, (int)json["bytes"]!));
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(folder["models"], "name", "model.safetensors")));
        Assert.True(Directory.Exists(Path.Combine(folder["hf"], "hub", "models--org--name", "blobs")));

        (code, output, error) = await RunAsync(fake, folder, "pull", "org/other");
        Assert.Equal((ExitCode.Failed, ""), (code, output));
        Assert.Equal(1, error.Trim().Count(character => character == '\n') + 1);
        Assert.Contains("org/other", error);
        (code, _, error) = await RunAsync(fake, folder, "pull", "other");
        Assert.Equal(ExitCode.InvalidUsage, code);
        Assert.Contains("org/name", error);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        FakeHub fake, TemporaryFolder folder, params string[] arguments)
    {
        var environment = new Dictionary<string, string?>
        {
            ["HF_ENDPOINT"] = fake.Address.AbsoluteUri,
            ["HF_HOME"] = folder["hf"],
            ["HF_TOKEN"] = null,
            ["HF_HUB_CACHE"] = null,
        };
        using Process process = ProcessTests.StartIn(environment, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
