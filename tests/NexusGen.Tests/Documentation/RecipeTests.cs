using System.Text.RegularExpressions;
using NexusGen.Cli;
using NexusGen.Cli.Core;
using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Documentation;

/// <summary>
/// The recipe of the small model, command after command as docs/training.md has it, with the configurations of <c>training</c>, in a
/// folder that holds nothing else: it begins from nothing and ends with scores. Steps, batches and samples alone are smaller here.
/// </summary>
public sealed class RecipeTests
{
    [Fact]
    public async Task TheRecipeGoesFromNothingToScores()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["training"]);
        foreach (string file in Directory.GetFiles(Path.Combine(PackedLibraries.Repository, "training"), "*.yaml"))
        {
            File.Copy(file, Path.Combine(folder["training"], Path.GetFileName(file)));
        }

        string[] lines = DocumentedPage.Blocks("docs/training.md").Single(block => block.StartsWith("nexusgen shapesworld model", StringComparison.Ordinal)).TrimEnd().Split('\n');
        Assert.Equal(Directory.GetFiles(folder["training"]).Order(), lines.Select(line => Regex.Match(line, @"training/\S+")).Where(file => file.Success).Select(file => folder[file.Value]).Order());
        foreach (string line in lines)
        {
            await Run(folder.Path, Shorter(line));
        }

        Assert.NotEmpty(File.ReadAllLines(folder["scores/cases.jsonl"]));
    }

    private static async Task Run(string folder, string[] words)
    {
        Assert.Equal("nexusgen", words[0]);
        string[] like = words[1..3] is ["shapesworld", "model"] ? ["--like", Path.Combine(PackedLibraries.Repository, "models", "nexus-gen-tiny")] : [];
        using RunningProgram program = RunningProgram.Start(folder, "dotnet", [typeof(CommandLine).Assembly.Location, .. words[1..], .. like]);
        int code = await program.EndAsync();
        Assert.True(code == ExitCode.Done, $"{string.Join(' ', words)}\n{program.Said}");
    }

    private static string[] Shorter(string line)
    {
        string[] words = Regex.Replace(Regex.Replace(line, @"(--samples|--batch-size) \d+", "$1 4"), @"--count \d+", "--count 1").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words[1] == "train"
            ? [.. words, "--set", "steps=2", "--set", "batch_size=4", "--set", "validation_samples=4", "--set", "validate_every=2"]
            : words;
    }
}
