using NexusGen.Core;
using NexusGen.Torch.Native;
using NexusGen.Training.Core;
using NexusGen.Training.Logging;
using NexusGen.Training.Loop;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

[Collection(Alone.Name)]
public class ParallelBatchesTests
{
    private static ToyConfiguration FourBatches { get; } = ToyTraining.Full with { Accumulate = 4, ValidateEvery = 5 };

    public static TheoryData<int, Precision> Cases => new()
    {
        { 2, Precision.Float32 },
        { 3, Precision.Float32 },
        { 4, Precision.Float32 },
        { 3, Precision.BFloat16 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void BatchesComputedAtOnceGiveTheSameSteps(int parallel, Precision precision)
    {
        using var one = new TemporaryFolder();
        using var several = new TemporaryFolder();
        TrainingReport expected = ToyTraining.Run(FourBatches with { Precision = precision }, one.Path);
        TrainingReport report = ToyTraining.Run(FourBatches with { Precision = precision, Parallel = parallel }, several.Path);
        Assert.Equal(ToyTraining.Losses(one.Path), ToyTraining.Losses(several.Path));
        Assert.Equal(expected.Flops, report.Flops);
        Dictionary<string, byte[]> weights = ToyTraining.Tensors(several.Path);
        Assert.All(ToyTraining.Tensors(one.Path), file => Assert.Equal(file.Value, weights[file.Key]));
    }

    [Fact]
    public void AStoppedTrainingGoesOnWithAnotherNumber()
    {
        using var whole = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        ToyTraining.Run(FourBatches, whole.Path);
        Assert.False(ToyTraining.Run(FourBatches with { Parallel = 4 }, broken.Path, stopAfter: 5).Finished);
        Assert.True(ToyTraining.Run(FourBatches with { Parallel = 2 }, broken.Path, resume: true).Finished);
        Assert.Equal(ToyTraining.Losses(whole.Path), ToyTraining.Losses(broken.Path));
    }

    [Fact]
    public void WhatIsFrozenGetsNoGradient()
    {
        ToyConfiguration configuration = FourBatches with { Parallel = 2, FreezeFirst = true, Precision = Precision.Float32 };
        using var folder = new TemporaryFolder();
        using var fresh = new ToyObjective(configuration);
        using var task = new ToyObjective(configuration);
        ToyTraining.Run(task, configuration, folder.Path);
        using Tensor before = fresh.First.Parameters.First().Value.detach(), after = task.First.Parameters.First().Value.detach();
        Assert.True(before.Equals(after));
    }

    [Fact]
    public void TheFirstBatchWhoseLossIsNoNumberIsNamed()
    {
        using var folder = new TemporaryFolder();
        ToyConfiguration configuration = FourBatches with { Parallel = 2, LossIsNanAt = 5 };
        TrainingException error = Assert.Throws<TrainingException>(() => ToyTraining.Run(configuration, folder.Path));
        Assert.StartsWith("The loss is NaN in step 5, batch 0 (samples 160 to 167). The checkpoint ", error.Message);
        Assert.True(ToyTraining.Run(configuration with { LossIsNanAt = null }, folder.Path, resume: true).Finished);
    }

    [Fact]
    public void TheThreadsAreSharedAndComeBack()
    {
        int before = NativeRuntime.Threads;
        NativeRuntime.Threads = 5;
        try
        {
            using var folder = new TemporaryFolder();
            List<int> during = [];
            ToyConfiguration configuration = FourBatches with { Parallel = 2 };
            using var task = new ToyObjective(configuration);
            new Trainer<ToyBatch>(task, configuration, folder.Path)
            {
                Progress = new Listener<TrainingProgress>(_ => during.Add(NativeRuntime.Threads)),
            }.Run();
            Assert.Equal([2], during.Distinct());
            Assert.Equal(5, NativeRuntime.Threads);
        }
        finally
        {
            NativeRuntime.Threads = before;
        }
    }

    [Fact]
    public void StepsLeaveNoTensorsBehind()
    {
        using var folder = new TemporaryFolder();
        ToyConfiguration configuration = FourBatches with { Parallel = 4, Workers = 0, Steps = 20 };
        using var task = new ToyObjective(configuration);
        List<long> alive = [];
        new Trainer<ToyBatch>(task, configuration, folder.Path)
        {
            Progress = new Listener<TrainingProgress>(_ => alive.Add(Tensor.TotalCount)),
        }.Run();
        Assert.Equal(20, alive.Count);

        // Fewer if tensors of other tests are garbage-collected meanwhile.
        Assert.InRange(alive[^1], 0, alive[1]);
    }
}
