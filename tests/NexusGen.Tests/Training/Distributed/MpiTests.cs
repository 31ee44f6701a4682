using System.Diagnostics;
using System.Globalization;
using NexusGen.Cli;
using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Training.Distributed;

/// <summary>Trainings that <c>mpirun</c> starts: they equal those of one process, and no rank outlives another one.</summary>
[Collection(Alone.Name)]
[Trait("Category", "Slow")]
public sealed class MpiTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Phases => [.. MpiTraining.Phases];

    public void Dispose() => _folder.Dispose();

    [MpiTheory]
    [InlineData("none")]
    [InlineData("optimizer")]
    public async Task TheCommandTrainsAsInOneProcess(string shard)
    {
        string model = BegunModelFolder.Write(_folder["model"]);
        string[] common =
        [
            "train", "language-model", "--model", model, "--no-install",
            "--set", "data=[{path: 'shapesworld:generate'}, {path: 'shapesworld:understand'}]", "--set", "from_nothing=true",
            "--set", "steps=20", "--set", "log_every=1", "--set", "threads=1", "--set", "ema_decay=0.9",
        ];
        using RunningProgram one = RunningProgram.Start(
            _folder.Path, "dotnet",
            [typeof(CommandLine).Assembly.Location, .. common, "--output", "one", "--set", "batch_size=4"]);
        Assert.True(await one.EndAsync() == 0, one.Said);
        using RunningProgram two = MpiProgram.Command(
            _folder.Path, 2, [.. common, "--output", "two", "--set", "batch_size=2", "--set", $"shard={shard}"]);
        Assert.True(await two.EndAsync() == 0, two.Said);
        Assert.Contains("2 ranks, 4 samples a step", two.Said);
        Assert.Single(
            two.Said.Split('\n'), line => line.StartsWith("finished after 20 steps: 80 samples", StringComparison.Ordinal));
        Assert.Equal(20, ToyTraining.Losses(_folder["two"]).Count);
        Assert.All(
            ToyTraining.Losses(_folder["one"]).Zip(ToyTraining.Losses(_folder["two"])),
            step => Assert.Equal(step.First.Loss, step.Second.Loss, 1e-5 * Math.Max(1, step.First.Loss)));
    }

    [MpiTheory]
    [MemberData(nameof(Phases))]
    public async Task ARankThatIsKilledEndsAllAndTheTrainingGoesOn(string phase)
    {
        ToyTraining.Run(MpiTraining.Configuration(1), _folder["whole"]);
        string run = _folder["run"], marker = _folder["marker"];
        using (RunningProgram ranks = MpiProgram.Probe(_folder.Path, 3, MpiTraining.Command, run, phase, marker))
        {
            for (int i = 0; i < 600 && !File.Exists(marker); i++)
            {
                await Task.Delay(100);
            }

            int killed = int.Parse(File.ReadAllText(marker), CultureInfo.InvariantCulture);
            long start = Stopwatch.GetTimestamp();
            Process.GetProcessById(killed).Kill();
            Assert.NotEqual(0, await ranks.EndAsync());
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1), ranks.Said);
            if (phase == "start")
            {
                // Nothing has begun; mpirun tells it.
                Assert.Contains("rank 2", ranks.Said);
            }
            else
            {
                Assert.Matches(
                    $@"Rank 2 \(process {killed} on .+\) died; the last checkpoint is .+step-00000004, from which --resume",
                    ranks.Said);
            }
        }

        // With another number of ranks.
        using RunningProgram rest = MpiProgram.Probe(_folder.Path, 2, MpiTraining.Command, run, "none", marker);
        Assert.True(await rest.EndAsync() == 0, rest.Said);
        var expected = ToyTraining.Losses(_folder["whole"]);
        var actual = ToyTraining.Losses(run);
        Assert.Equal(expected.Select(step => step.Step), actual.Select(step => step.Step));
        Assert.All(expected.Zip(actual), step => Assert.Equal(step.First.Loss, step.Second.Loss, 1e-5));
        Assert.All(ToyTraining.Checkpoints(run), name => Assert.StartsWith("step-", name));
    }

    [MpiFact]
    public async Task AnInterruptStopsAllRanksWithOneCheckpoint()
    {
        string model = BegunModelFolder.Write(_folder["model"]);
        using RunningProgram ranks = MpiProgram.Command(
            _folder.Path, 2, "train", "autoencoder", "--model", model, "--output", "run", "--set",
            "data=[{path: 'shapesworld:pictures'}]", "--set", "from_nothing=true", "--set", "steps=100000", "--set",
            "batch_size=2", "--set", "log_every=1", "--set", "threads=1", "--set", "guide_pictures=8");
        await ranks.SaysAsync(line => line.StartsWith("step 2/", StringComparison.Ordinal));
        ranks.Interrupt();
        await ranks.EndAsync();
        string checkpoint = Assert.Single(ToyTraining.Checkpoints(_folder["run"]));
        Assert.StartsWith("step-", checkpoint);
        Assert.Contains("stopped after", ranks.Said);
        Assert.Contains("Interrupted; continue with", ranks.Said);
    }

    [MpiFact]
    public async Task RanksEvaluateTheCasesOfOneProcess()
    {
        string[] common =
        [
            "eval", "shapesworld", "--model", Path.Combine(PackedLibraries.Repository, "models", "nexus-gen-tiny"),
            "--suite", "talk,reconstruct", "--count", "3", "--threads", "1",
        ];
        using RunningProgram one = RunningProgram.Start(
            _folder.Path, "dotnet", [typeof(CommandLine).Assembly.Location, .. common, "--out", "one"]);
        Assert.True(await one.EndAsync() == 0, one.Said);
        using RunningProgram two = MpiProgram.Command(_folder.Path, 2, [.. common, "--out", "two"]);
        Assert.True(await two.EndAsync() == 0, two.Said);
        Assert.Equal(File.ReadAllLines(_folder["one/cases.jsonl"]), File.ReadAllLines(_folder["two/cases.jsonl"]));
        using RunningProgram again = MpiProgram.Command(_folder.Path, 3, [.. common, "--out", "two", "--resume"]);
        Assert.True(await again.EndAsync() == 0, again.Said);
        Assert.DoesNotContain(
            again.Said.Split('\n'),
            line => line.StartsWith("talk/", StringComparison.Ordinal)
                && !line.Contains("(stored)", StringComparison.Ordinal));
    }

    [MpiFact]
    public async Task AnErrorIsToldOnce()
    {
        string model = BegunModelFolder.Write(_folder["model"]);
        using RunningProgram ranks = MpiProgram.Command(
            _folder.Path, 3, "train", "autoencoder", "--model", model, "--output", "run", "--set", "data=[{path: 'gone.jsonl'}]");
        Assert.NotEqual(0, await ranks.EndAsync());
        Assert.Single(
            ranks.Said.Split('\n'),
            line => line.Contains("Can't read the data file gone.jsonl", StringComparison.Ordinal));
    }
}
