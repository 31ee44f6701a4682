using System.Diagnostics;
using NexusGen.Training.Core;
using NexusGen.Training.Logging;
using NexusGen.Training.Loop;

namespace NexusGen.Tests.Training;

public class TrainingResumeTests
{
    public static TheoryData<int> Stops => [1, 5, 11];

    [Theory]
    [MemberData(nameof(Stops))]
    public void AStoppedTrainingGoesOnAsIfUnbroken(int stopAfter)
    {
        using var whole = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        ToyTraining.Run(ToyTraining.Full, whole.Path);
        TrainingReport first = ToyTraining.Run(ToyTraining.Full, broken.Path, stopAfter: stopAfter);
        Assert.False(first.Finished);
        Assert.Equal(stopAfter, first.Steps);
        TrainingReport second = ToyTraining.Run(ToyTraining.Full, broken.Path, resume: true);
        Assert.True(second.Finished);
        AssertSame(whole.Path, broken.Path);
        Assert.Equal(12 * 16, second.Samples);
        // Forward pass and gradient of the weight, and in the second layer also the gradient of the input.
        Assert.Equal(12.0 * 16 * ((2 * 2 * 3 * 16) + (3 * 2 * 16)), second.Flops);
    }

    [Fact]
    public void Float32GoesOnAsIfUnbrokenToo()
    {
        ToyConfiguration configuration = ToyConfiguration.Small with { Workers = 0, ValidateEvery = 3, ClipNorm = null };
        using var whole = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        ToyTraining.Run(configuration, whole.Path);
        ToyTraining.Run(configuration, broken.Path, stopAfter: 4);
        ToyTraining.Run(configuration, broken.Path, resume: true);
        AssertSame(whole.Path, broken.Path);
    }

    // The training is stopped between a step and its validation, which must be made up for: also after the last step, and if a
    // checkpoint was due.
    [Theory]
    [InlineData(3, 100)]
    [InlineData(6, 3)]
    [InlineData(12, 100)]
    public void AValidationThatWasStoppedIsMadeUpFor(int stopAfter, int checkpointEvery)
    {
        ToyConfiguration configuration = ToyConfiguration.Small with
        {
            ValidateEvery = 3,
            KeepBest = true,
            CheckpointEvery = checkpointEvery
        };
        using var whole = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        TrainingReport unbroken = ToyTraining.Run(configuration, whole.Path);
        Assert.False(ToyTraining.Run(configuration, broken.Path, stopAfter: stopAfter).Finished);
        Assert.Equal((stopAfter / 3) - 1, ToyTraining.Validations(broken.Path).Count);
        TrainingReport resumed = ToyTraining.Run(configuration, broken.Path, resume: true);
        Assert.True(resumed.Finished);
        Assert.Equal(ToyTraining.Validations(whole.Path), ToyTraining.Validations(broken.Path));
        Assert.Equal(4, ToyTraining.Validations(broken.Path).Count);
        Assert.Equal(
            (unbroken.BestValidationLoss, Path.GetFileName(unbroken.BestCheckpoint)),
            (resumed.BestValidationLoss, Path.GetFileName(resumed.BestCheckpoint)));
        AssertSame(whole.Path, broken.Path);
    }

    // A checkpoint has four parts: weights, their average, optimizer, state. The third checkpoint is the interrupted one.
    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(12)]
    public void ATrainingKilledWhileItSavesGoesOnFromTheCheckpointBefore(int part)
    {
        using var whole = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        ToyTraining.Run(ToyTraining.Full, whole.Path);
        string run = killed["run"], marker = killed["marker"];
        using (Process child = ChildProcess.Start(ToyTraining.Command, run, part.ToString(), marker))
        {
            while (!File.Exists(marker))
            {
                Assert.False(child.HasExited, child.HasExited ? child.StandardError.ReadToEnd() : "");
                Thread.Sleep(20);
            }

            child.Kill();
            child.WaitForExit();
        }

        Assert.Equal([".writing-step-00000006", "step-00000004"], ToyTraining.Checkpoints(run));
        Assert.Equal(6, ToyTraining.Losses(run).Count);
        File.AppendAllText(Path.Combine(run, "metrics.jsonl"), "{\"step\":7,\"lo");

        Assert.True(ToyTraining.Run(ToyTraining.Full, run, resume: true).Finished);
        AssertSame(whole.Path, run);
        Assert.Equal(["step-00000012"], ToyTraining.Checkpoints(run));
    }

    [Fact]
    public void ResumingWithoutACheckpointBegins()
    {
        using var folder = new TemporaryFolder();
        Assert.True(ToyTraining.Run(ToyConfiguration.Small, folder.Path, resume: true).Finished);
    }

    [Fact]
    public void AnotherTrainingIsNotOverwritten()
    {
        using var folder = new TemporaryFolder();
        ToyTraining.Run(ToyConfiguration.Small, folder.Path);
        Assert.Contains(
            "resume it", Assert.Throws<TrainingException>(() => ToyTraining.Run(ToyConfiguration.Small, folder.Path)).Message);
    }

    [Fact]
    public void AFolderServesOneTrainingAtATime()
    {
        using var folder = new TemporaryFolder();
        using var inner = new ToyObjective(ToyConfiguration.Small);
        string? refusal = null;
        var loop = new Trainer<ToyBatch>(inner, ToyConfiguration.Small, folder.Path)
        {
            PartWritten = _ => refusal ??= Assert.Throws<TrainingException>(
                () => ToyTraining.Run(ToyConfiguration.Small, folder.Path)).Message,
        };
        loop.Run();
        Assert.Contains("in use by another training", refusal);
    }

    [Fact]
    public void ACheckpointOfAnotherModelIsRefusedByTheTensor()
    {
        using var folder = new TemporaryFolder();
        ToyTraining.Run(ToyConfiguration.Small, folder.Path, stopAfter: 2);
        TrainingException error = Assert.Throws<TrainingException>(
            () => ToyTraining.Run(ToyConfiguration.Small with { Width = 20 }, folder.Path, resume: true));
        Assert.Contains("model.net.0.weight [20, 3]", error.Message);
    }

    [Fact]
    public void WhatChangedInTheConfigurationIsSaid()
    {
        using var folder = new TemporaryFolder();
        ToyTraining.Run(ToyConfiguration.Small, folder.Path, stopAfter: 2);
        ToyConfiguration changed = ToyConfiguration.Small with { LearningRate = 0.01 };
        using var task = new ToyObjective(changed);
        using var console = new StringWriter();
        new Trainer<ToyBatch>(task, changed, folder.Path) { Resume = true, Console = console }.Run();
        Assert.Contains("resuming after step 2", console.ToString());
        Assert.Contains("changed since: learning_rate: 0.02 → 0.01", console.ToString());
    }

    private static void AssertSame(string expected, string actual)
    {
        Assert.Equal(ToyTraining.Losses(expected), ToyTraining.Losses(actual));
        Dictionary<string, byte[]> tensors = ToyTraining.Tensors(actual);
        foreach ((string name, byte[] bytes) in ToyTraining.Tensors(expected))
        {
            Assert.True(bytes.AsSpan().SequenceEqual(tensors[name]), name);
        }
    }
}
