using System.Text.Json.Nodes;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

public class VerifyCommandTests
{
    [Fact]
    public async Task TellsACaseALineAndCounts()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, "smart-resize");

        CliRun run = await CliRun.Of("verify", folder.Path);

        string[] lines = run.Out.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.All(lines[..^1], line => Assert.StartsWith("PASS smart-resize/", line));
        Assert.Equal($"{lines.Length - 1} passed, 0 failed", lines[^1]);
    }

    [Fact]
    public async Task AnUnknownKindFails()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, "smart-resize");
        Directory.Move(folder["cases/smart-resize"], folder["cases/smart-shrink"]);

        CliRun run = await CliRun.Of("verify", folder.Path, "--json");

        JsonNode json = JsonNode.Parse(run.Out)!;
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Equal(0, json["passed"]!.GetValue<int>());
        Assert.Equal(json["cases"]!.AsArray().Count, json["failed"]!.GetValue<int>());
    }

    [Fact]
    public async Task WriteStoresWhatWasComputed()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, "smart-resize");

        CliRun run = await CliRun.Of("verify", folder.Path, "--write", folder["computed"]);

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Contains(folder.Files, file => file.StartsWith("computed/smart-resize/", StringComparison.Ordinal) && file.EndsWith("/output.json", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/no/such/folder")]
    [InlineData(".")]
    public async Task AFolderWithoutCasesIsRefused(string path)
    {
        CliRun run = await CliRun.Of("verify", path);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    private static void Copy(TemporaryFolder folder, string kind)
    {
        string source = Path.Combine(ReferenceFolder.Path, "cases", kind);
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(folder["cases"], kind, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
