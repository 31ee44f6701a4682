using System.Text.Json;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Logging;
using NexusGen.Training.Loop;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

public class TrainingLoopTests
{
    [Fact]
    public void ItLearns()
    {
        using var folder = new TemporaryFolder();
        ToyTraining.Run(ToyConfiguration.Small with { Steps = 150, BatchSize = 32 }, folder.Path);
        var losses = ToyTraining.Losses(folder.Path);
        Assert.True(losses.TakeLast(10).Average(step => step.Loss) < 0.2 * losses.Take(10).Average(step => step.Loss));
    }

    [Fact]
    public void AccumulatedBatchesEqualTheBigOne()
    {
        using var parts = new TemporaryFolder();
        using var whole = new TemporaryFolder();
        ToyTraining.Run(ToyConfiguration.Small with { BatchSize = 4, Accumulate = 8 }, parts.Path);
        ToyTraining.Run(ToyConfiguration.Small with { BatchSize = 32 }, whole.Path);
        foreach (var (part, big) in ToyTraining.Losses(parts.Path).Zip(ToyTraining.Losses(whole.Path)))
        {
            Assert.Equal(big.Loss, part.Loss, 1e-5 * big.Loss);
            Assert.Equal(big.Norm, part.Norm, 1e-4 * big.Norm);
        }
    }

    [Fact]
    public void StepsLeaveNoTensorsBehind()
    {
        using var folder = new TemporaryFolder();
        ToyConfiguration configuration = ToyTraining.Full with { Workers = 0, Steps = 40, ValidateEvery = 5 };
        using var task = new ToyObjective(configuration);
        List<long> alive = [];
        new Trainer<ToyBatch>(task, configuration, folder.Path)
        {
            Progress = new Listener<TrainingProgress>(
                _ => alive.Add(TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount)),
        }.Run();
        Assert.Equal(40, alive.Count);
        Assert.Single(alive.Skip(1).Distinct());
    }

    [Fact]
    public void WhatIsFrozenStays()
    {
        ToyConfiguration configuration = ToyConfiguration.Small with { FreezeFirst = true };
        using var folder = new TemporaryFolder();
        using var fresh = new ToyObjective(configuration);
        using var task = new ToyObjective(configuration);
        ToyTraining.Run(task, configuration, folder.Path);
        Assert.Equal(Values(fresh.First), Values(task.First));
        Assert.All(Values(fresh.Second).Zip(Values(task.Second)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void CheckpointsHaveTheFilesNamesAndOrderOfValues()
    {
        using var folder = new TemporaryFolder();
        using var task = new ToyObjective(ToyConfiguration.Small);
        ToyTraining.Run(task, ToyConfiguration.Small, folder.Path);
        using ITensorStore store = TensorStore.Open(Path.Combine(TrainingCheckpoint.Latest(folder.Path)!, "weights"));
        Assert.Equal(["model.net.0.bias", "model.net.0.weight", "second.bias", "second.weight"], store.Entries.Keys.Order());
        using Tensor bias = store.Read(store.Entries["model.net.0.bias"]);
        float[] own = Values(task.First)[1];
        Assert.Equal([.. own[8..], .. own[..8]], bias.data<float>().ToArray());
    }

    [Fact]
    public void TheAverageFollowsTheWeights()
    {
        ToyConfiguration configuration = ToyConfiguration.Small with
        {
            EmaDecay = 0.3,
            Steps = 3,
            CheckpointEvery = 1,
            KeepLast = 10,
            LearningRate = 0.1
        };
        using var folder = new TemporaryFolder();
        using var start = new ToyObjective(configuration);
        ToyTraining.Run(configuration, folder.Path);
        float[] expected = Values(start.Second)[0];
        for (int step = 1; step <= 3; step++)
        {
            string checkpoint = Path.Combine(folder.Path, "checkpoints", $"step-{step:00000000}");
            float decay = (float)Math.Min(0.3, (1.0 + step) / (10 + step));
            expected =
            [
                .. expected.Zip(Read(checkpoint, "weights")).Select(pair => (decay * pair.First) + ((1 - decay) * pair.Second))
            ];
            Assert.All(expected.Zip(Read(checkpoint, "average")), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        }

        static float[] Read(string checkpoint, string part)
        {
            using ITensorStore store = TensorStore.Open(Path.Combine(checkpoint, part));
            using Tensor value = store.Read(store.Entries["second.weight"]);
            return value.data<float>().ToArray();
        }
    }

    [Fact]
    public void ValidationSeesTheAverageAndLeavesTheWeights()
    {
        ToyConfiguration plain = ToyConfiguration.Small with { EmaDecay = 0.99 };
        using var with = new TemporaryFolder();
        using var without = new TemporaryFolder();
        ToyTraining.Run(plain with { ValidateEvery = 1 }, with.Path);
        ToyTraining.Run(plain, without.Path);
        Assert.Equal(ToyTraining.Losses(without.Path), ToyTraining.Losses(with.Path));

        using var task = new ToyObjective(plain);
        string checkpoint = TrainingCheckpoint.Latest(with.Path)!;
        task.Weights[0].Read(Path.Combine(checkpoint, TrainingCheckpoint.AverageName));
        double loss = task.Validate(0, default)!["loss"];
        TrainingState state = TrainingState.Read(Path.Combine(checkpoint, TrainingCheckpoint.StateName));
        Assert.Equal(loss, state.Validation!["loss"]);
    }

    [Fact]
    public void ALossThatIsNoNumberStopsWithItsPlace()
    {
        using var folder = new TemporaryFolder();
        ToyConfiguration configuration = ToyConfiguration.Small with { LossIsNanAt = 5, CheckpointEvery = 2 };
        TrainingException error = Assert.Throws<TrainingException>(() => ToyTraining.Run(configuration, folder.Path));
        Assert.Contains("The loss is NaN in step 5, batch 0 (samples 40 to 47)", error.Message);
        Assert.Equal(["step-00000002", "step-00000004"], ToyTraining.Checkpoints(folder.Path));
        Assert.True(ToyTraining.Run(configuration with { LossIsNanAt = null }, folder.Path, resume: true).Finished);
    }

    [Fact]
    public void AGradientThatIsNoNumberStopsBeforeTheStep()
    {
        using var folder = new TemporaryFolder();
        ToyConfiguration configuration = ToyConfiguration.Small with { GradientIsInfinite = true };
        using var fresh = new ToyObjective(configuration);
        using var task = new ToyObjective(configuration);
        TrainingException error = Assert.Throws<TrainingException>(() => ToyTraining.Run(task, configuration, folder.Path));
        Assert.Contains("norm of the gradients is NaN in step 0 (samples 0 to 7)", error.Message);
        Assert.Contains("finite, unlike the gradients of second.weight.", error.Message);
        Assert.Equal(Values(fresh.Second), Values(task.Second));
    }

    [Fact]
    public void TheLastFewAndTheBestCheckpointsAreKept()
    {
        using var folder = new TemporaryFolder();
        ToyConfiguration configuration = ToyConfiguration.Small with { CheckpointEvery = 2, ValidateEvery = 1, KeepLast = 2 };
        using var task = new ToyObjective(configuration);
        foreach (double loss in (double[])[9, 8, 3, 7, 6, 5, 5, double.NaN, 4, 4, 4, 4])
        {
            task.Validations.Enqueue(loss);
        }

        TrainingReport report = ToyTraining.Run(task, configuration, folder.Path);
        Assert.Equal(["step-00000003", "step-00000010", "step-00000012"], ToyTraining.Checkpoints(folder.Path));
        Assert.Equal(3, report.BestValidationLoss);
        Assert.Equal(TrainingCheckpoint.Best(folder.Path), report.BestCheckpoint);
        Assert.EndsWith("step-00000003", report.BestCheckpoint);
        Assert.EndsWith("step-00000012", report.LastCheckpoint);
    }

    [Fact]
    public void AStoppedTrainingSavesOnlyWhereItIsAsked()
    {
        using var folder = new TemporaryFolder();
        TrainingReport report = ToyTraining.Run(ToyConfiguration.Small, folder.Path, stopAfter: 3, save: false);
        Assert.Equal((false, 3, null), (report.Finished, report.Steps, report.LastCheckpoint));
    }

    [Fact]
    public void AParameterThatNoFileHoldsIsRefused()
    {
        using var task = new ToyObjective(ToyConfiguration.Small);
        TrainingException error = Assert.Throws<TrainingException>(() => new TrainingCheckpoint(
            [SavedWeights.Of("toy", task.First)], task.Groups.SelectMany(group => group.Parameters)));
        Assert.Contains("second.weight is trained, but no weight file", error.Message);
    }

    [Fact]
    public void ItReportsOnTheConsoleAndInTheEnd()
    {
        using var folder = new TemporaryFolder();
        using var task = new ToyObjective(ToyConfiguration.Small);
        using var console = new StringWriter();
        ToyConfiguration configuration = ToyConfiguration.Small with { LogEvery = 5, ValidateEvery = 6 };
        new Trainer<ToyBatch>(task, configuration, folder.Path) { Console = console }.Run();
        string[] lines = console.ToString().TrimEnd().Split('\n');
        Assert.Matches(
            @"^step 5/12  loss 0\.\d+ \(absolute 0\.\d+\)  lr \d\S*e-2  norm \d\S*  \S+ samples/s  \d+ s left\r?$",
            lines[0]);
        Assert.Matches(@"^step 6  validation: loss 0\.\d+\r?$", lines[1]);
        Assert.Matches(
            @"^finished after 12 steps: 96 samples in 0\.\d\d hours, 2\.765e\+4 floating-point operations, "
            + @"peak memory \d+ MiB; lowest",
            lines[^1]);
        JsonElement json = JsonDocument.Parse(File.ReadAllText(folder["report.json"])).RootElement;
        Assert.Equal(96, json.GetProperty("samples").GetInt64());
        Assert.True(json.GetProperty("peak_memory").GetInt64() > 1 << 20);
    }

    [Fact]
    public void TheResolvedConfigurationLiesBesideTheCheckpoints()
    {
        using var folder = new TemporaryFolder();
        ToyTraining.Run(ToyConfiguration.Small, folder.Path, stopAfter: 1);
        Assert.Equal(ToyConfiguration.Small, ConfigurationFile.Read<ToyConfiguration>(folder["configuration.yaml"]));
        string checkpoint = TrainingCheckpoint.Latest(folder.Path)!;
        Assert.Equal(
            ToyConfiguration.Small,
            ConfigurationFile.Read<ToyConfiguration>(Path.Combine(checkpoint, "configuration.yaml")));
    }

    private static float[][] Values(Linear layer) =>
        [.. layer.Parameters.Select(parameter => parameter.Value.detach().data<float>().ToArray())];
}
