using System.Text.RegularExpressions;
using NexusGen.Cli;
using NexusGen.Tests.Packaging;
using NexusGen.Tests.Training;
using NexusGen.Tests.Training.Distributed;

namespace NexusGen.Tests.Documentation;

/// <summary>Runs the commands of docs/distributed-training.md, with a small model and few steps.</summary>
[Trait("Category", "Slow")]
public sealed class DistributedPageTests
{
    [MpiFact]
    public async Task TheCommandsOfThePageRun()
    {
        using var folder = new TemporaryFolder();
        BegunModelFolder.Write(folder["models/mine"]);
        File.WriteAllText(
            folder["phase1.yaml"],
            """
            data: [{path: "shapesworld:generate"}]
            from_nothing: true
            steps: 2
            batch_size: 2
            """);
        string[] lines = DocumentedPage.Blocks("docs/distributed-training.md")
            .Single(block => block.StartsWith("mpirun", StringComparison.Ordinal)).TrimEnd().Split('\n');
        foreach (string line in lines)
        {
            // A model that two steps have trained talks without end.
            string model = line.Contains(" eval ", StringComparison.Ordinal)
                ? Path.Combine(PackedLibraries.Repository, "models", "nexus-gen-tiny")
                : "models/mine";
            string[] words = Regex.Replace(line, @"--(samples|count) \d+", "--$1 3")
                .Replace("models/mine", model, StringComparison.Ordinal).Split(' ');
            int command = Array.IndexOf(words, "nexusgen");
            using RunningProgram program = MpiProgram.Line(
                folder.Path, words[1..command], [typeof(CommandLine).Assembly.Location, .. words[(command + 1)..]]);
            Assert.True(await program.EndAsync() == 0, $"{line}\n{program.Said}");
        }

        Assert.Equal(["step-00000002"], ToyTraining.Checkpoints(folder["runs/sharded"]));
        Assert.NotEmpty(File.ReadAllLines(folder["scores/cases.jsonl"]));
        Assert.True(File.Exists(folder["prepared/pictures/prepared.json"]));
    }
}
