using NexusGen.Training.Core;
using NexusGen.Training.Distributed;
using NexusGen.Training.Logging;

namespace NexusGen.Tests.Training.Distributed;

public class LaunchTests
{
    [Theory]
    [InlineData("", 0, 1, 0, 1)]
    [InlineData("OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0", 0, 1, 0, 1)]
    [InlineData(
        "OMPI_COMM_WORLD_SIZE=8 OMPI_COMM_WORLD_RANK=5 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=4 PMIX_RANK=5",
        5, 8, 1, 4)]
    [InlineData(
        "PMIX_RANK=3 SLURM_PROCID=3 SLURM_LOCALID=1 SLURM_STEP_NUM_TASKS=4 SLURM_STEP_TASKS_PER_NODE=2(x2) SLURM_NTASKS=4",
        3, 4, 1, 2)]
    [InlineData("PMI_RANK=1 PMI_SIZE=2 SLURM_LOCALID=1 SLURM_STEP_NUM_TASKS=2", 1, 2, 1, 2)]
    [InlineData("SLURM_NTASKS=4 SLURM_PROCID=0", 0, 1, 0, 1)]
    public void TheLauncherIsRecognized(string environment, int rank, int size, int localRank, int localSize) =>
        Assert.Equal(new Launch(rank, size, localRank, localSize), Launch.Detect(Of(environment)));

    [Fact]
    public void ProcessesThatCannotFindEachOtherAreRefused()
    {
        TrainingException error = Assert.Throws<TrainingException>(
            () => Launch.Detect(Of("SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=1")));
        Assert.Contains("srun --mpi=pmix", error.Message);
    }

    [Theory]
    [InlineData(8, 8, 2, 4)]
    [InlineData(1, 8, 2, 1)]
    [InlineData(4, 8, 4, 2)]
    [InlineData(2, 2, 8, 1)]
    public void ProcessesOfAMachineShareItsProcessors(int available, int online, int localSize, int threads) =>
        Assert.Equal(threads, new Launch(0, localSize, 0, localSize).Threads(available, online));

    [Fact]
    public void ASlowRankIsTold()
    {
        RankTime usual = new(1, 0.1, 0.5, 0), slow = new(1, 0.9, 0, 0);
        Assert.Null(RankTime.Slowest([usual, usual, usual]));
        Assert.Equal(
            "rank 1 is slow: 1.9 s a step (0.9 s of it waiting for data), others 1.1 s",
            RankTime.Slowest([usual, slow, usual]));
        Assert.StartsWith("rank 0 is slow", RankTime.Slowest([slow, usual]));
    }

    private static Func<string, string?> Of(string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return variables.GetValueOrDefault;
    }
}
