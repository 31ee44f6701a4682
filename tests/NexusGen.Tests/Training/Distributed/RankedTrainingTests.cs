using System.Text.Json;
using NexusGen.Core;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Logging;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training.Distributed;

[Collection(Alone.Name)]
public class RankedTrainingTests
{
    private static ToyConfiguration Base { get; } = ToyConfiguration.Small with
    {
        BatchSize = 12,
        EmaDecay = 0.9,
        ValidateEvery = 4,
        CheckpointEvery = 4,
    };

    [Theory]
    [InlineData(2, "None", 1)]
    [InlineData(3, "None", 2)]
    [InlineData(2, "Optimizer", 1)]
    [InlineData(3, "Optimizer", 2)]
    [InlineData(4, "Optimizer", 1)]
    public void RanksTrainAsOneProcessWithTheWholeBatch(int ranks, string shard, int accumulate)
    {
        using var one = new TemporaryFolder();
        using var several = new TemporaryFolder();
        ToyConfiguration configuration = Base with { Accumulate = accumulate };
        RankedTraining.Run(1, configuration, one.Path);
        TrainingReport[] reports = RankedTraining.Run(
            ranks, configuration with { BatchSize = 12 / ranks, Shard = Enum.Parse<Shard>(shard) }, several.Path);
        Assert.All(reports, report => Assert.Equal((true, 12L * 12 * accumulate), (report.Finished, report.Samples)));
        AssertClose(one.Path, several.Path);
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Optimizer")]
    public void MastersOfBfloat16AreTheSameOnAnyNumberOfRanks(string shard)
    {
        using var one = new TemporaryFolder();
        using var several = new TemporaryFolder();
        ToyConfiguration configuration = Base with { Precision = Precision.BFloat16, Accumulate = 2, ClipNorm = 0.1 };
        RankedTraining.Run(1, configuration, one.Path);
        RankedTraining.Run(2, configuration with { BatchSize = 6, Shard = Enum.Parse<Shard>(shard) }, several.Path);
        AssertClose(one.Path, several.Path, 2e-2);
        using CheckpointTensors tensors = CheckpointTensors.Of(several.Path);
        Assert.Contains("toy:second.weight.master", tensors.Names);
    }

    // The last rank asks to stop, and every rank stops after the same step.
    [Fact]
    public void ATrainingGoesOnWithAnotherNumberOfRanks()
    {
        using var whole = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        RankedTraining.Run(1, Base, whole.Path);
        ToyConfiguration sharded = Base with { Shard = Shard.Optimizer };
        TrainingReport[] first = RankedTraining.Run(3, sharded with { BatchSize = 4 }, broken.Path, stopAfter: 3);
        Assert.All(first, report => Assert.Equal((false, 3L), (report.Finished, report.Steps)));
        Assert.Single(ToyTraining.Checkpoints(broken.Path));
        RankedTraining.Run(2, sharded with { BatchSize = 6 }, broken.Path, resume: true, stopAfter: 6);
        ToyTraining.Run(Base, broken.Path, resume: true, stopAfter: 9);
        RankedTraining.Run(4, Base with { BatchSize = 3 }, broken.Path, resume: true);
        AssertClose(whole.Path, broken.Path);
    }

    [Fact]
    public void CheckpointsHaveTheFormOfOneProcess()
    {
        using var one = new TemporaryFolder();
        using var several = new TemporaryFolder();
        RankedTraining.Run(1, Base, one.Path);
        RankedTraining.Run(3, Base with { BatchSize = 4, Shard = Shard.Optimizer }, several.Path);
        Assert.Equal(Files(one.Path), Files(several.Path));
        using CheckpointTensors expected = CheckpointTensors.Of(one.Path), actual = CheckpointTensors.Of(several.Path);
        Assert.Equal(expected.Names, actual.Names);
        Assert.All(expected.Names, name => Assert.Equal(expected[name].shape, actual[name].shape));
    }

    [Fact]
    public void EachRankHasItsShareOfTheOptimizer()
    {
        const int ranks = 4;
        ToyConfiguration configuration = Base with { Width = 64 };
        using var one = new ToyObjective(configuration);
        using var whole = new NexusGen.Training.Optimization.AdamW(one.Groups, new());
        long[] bytes = ThreadRanks.Run(ranks, collectives =>
        {
            using var task = new ToyObjective(configuration);
            using var optimizer = new NexusGen.Training.Optimization.AdamW(task.Groups, new(), collectives, shard: true);
            return optimizer.StateBytes;
        });
        Assert.Equal(whole.StateBytes, bytes.Sum());
        Assert.All(bytes, part => Assert.InRange(part, 0, (whole.StateBytes / ranks) + 16));
    }

    [Fact]
    public void TheLogTellsTheTimesOfTheRanks()
    {
        using var folder = new TemporaryFolder();
        RankedTraining.Run(2, Base, folder.Path);
        JsonElement[] lines =
            [.. File.ReadAllLines(folder["metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement[] ranks = [.. lines.First(line => line.TryGetProperty("ranks", out _)).GetProperty("ranks").EnumerateArray()];
        Assert.Equal(2, ranks.Length);
        Assert.All(ranks, rank => Assert.True(rank.GetProperty("compute_seconds").GetDouble() > 0));
        Assert.All(ranks, rank => Assert.True(rank.GetProperty("peak_memory").GetDouble() > 1 << 20));
    }

    [Fact]
    public void ALossThatIsNoNumberOnAnyRankStopsAll()
    {
        using var folder = new TemporaryFolder();
        ToyConfiguration configuration = Base with { LossIsNanAt = 5 };
        TrainingException error = Assert.Throws<TrainingException>(
            () => RankedTraining.Run(2, configuration with { BatchSize = 6 }, folder.Path));
        Assert.Contains("The loss is NaN in step 5, batch 0", error.Message);
    }

    [Fact]
    public void GradientsThatAreNoNumbersAreNamedByTheRankThatHasThem()
    {
        using var folder = new TemporaryFolder();
        TrainingException error = Assert.Throws<TrainingException>(() => RankedTraining.Run(
            2, Base with { GradientIsInfinite = true, Shard = Shard.Optimizer }, folder.Path));
        Assert.Contains("finite, unlike the gradients of second.weight.", error.Message);
    }

    [Fact]
    public void ADifferentConfigurationOnARankIsRefused()
    {
        using var folder = new TemporaryFolder();
        TrainingException error = Assert.Throws<TrainingException>(() => ThreadRanks.Run(2, collectives =>
        {
            ToyConfiguration own = Base with { LearningRate = 0.01 * (1 + collectives.Rank) };
            using var task = new ToyObjective(own);
            return new NexusGen.Training.Loop.Trainer<ToyBatch>(task, own, folder.Path)
            {
                Group = NexusGen.Training.Distributed.RankGroup.Unwatched(collectives),
            }.Run();
        }));
        Assert.Contains("Rank 1 starts with another configuration", error.Message);
    }

    private static void AssertClose(string expected, string actual, double tolerance = 1e-5)
    {
        Assert.Equal(
            ToyTraining.Losses(expected).Select(step => step.Step), ToyTraining.Losses(actual).Select(step => step.Step));
        foreach (var (one, other) in ToyTraining.Losses(expected).Zip(ToyTraining.Losses(actual)))
        {
            Assert.Equal(one.Loss, other.Loss, tolerance * Math.Max(1, one.Loss));
            Assert.Equal(one.Norm, other.Norm, 10 * tolerance * Math.Max(1, one.Norm));
        }

        using CheckpointTensors first = CheckpointTensors.Of(expected), second = CheckpointTensors.Of(actual);
        Assert.Equal(first.Names, second.Names);
        Assert.All(first.Names, name => Assert.True(
            allclose(first[name].to(ScalarType.Float32), second[name].to(ScalarType.Float32), tolerance, tolerance), name));
    }

    private static string[] Files(string folder)
    {
        string checkpoint = TrainingCheckpoint.Latest(folder)!;
        return
        [
            .. Directory.GetFiles(checkpoint, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(checkpoint, path)).Order(StringComparer.Ordinal)
        ];
    }
}
