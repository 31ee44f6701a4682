using System.Globalization;
using NexusGen.Training.Core;

namespace NexusGen.Training.Distributed;

/// <summary>
/// What a launcher (mpirun, srun) tells a process by environment variables about the processes that it started.
/// </summary>
/// <param name="Rank">The number of this process, from 0.</param>
/// <param name="Size">The number of processes.</param>
/// <param name="LocalRank">The number of this process among those on its machine, from 0.</param>
/// <param name="LocalSize">The number of processes on its machine.</param>
internal sealed record Launch(int Rank, int Size, int LocalRank, int LocalSize)
{
    /// <summary>A process that no launcher started, or the only one that it started.</summary>
    public static Launch Alone { get; } = new(0, 1, 0, 1);

    /// <summary>Reads the environment of this process.</summary>
    /// <exception cref="TrainingException">Slurm started several processes that can't find each other.</exception>
    public static Launch Detect() => Detect(Environment.GetEnvironmentVariable);

    /// <summary>Reads an environment.</summary>
    /// <param name="variable">Returns the value of a variable, or null.</param>
    /// <inheritdoc cref="Detect()"/>
    internal static Launch Detect(Func<string, string?> variable)
    {
        int? Number(params IEnumerable<string> names) => names
            .Select(name => int.TryParse(variable(name), CultureInfo.InvariantCulture, out int number) ? number : (int?)null)
            .FirstOrDefault(number => number is not null);

        // OpenMPI's own variables, then those of Slurm's plugins for PMI; Slurm's count is per step, not per allocation.
        bool pmi = variable("PMIX_RANK") is not null || variable("PMI_RANK") is not null;
        int size = Number("OMPI_COMM_WORLD_SIZE", "PMI_SIZE") ?? Number("SLURM_STEP_NUM_TASKS") ?? 1;
        if (size <= 1)
        {
            return Alone;
        }

        if (variable("OMPI_COMM_WORLD_SIZE") is null && !pmi)
        {
            throw new TrainingException(
                $"srun started {size} processes without PMI, so they can't find each other; start them with srun --mpi=pmix.");
        }

        int rank = Number("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID") ?? 0;
        int localRank = Number("OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID") ?? rank;
        int localSize = Number("OMPI_COMM_WORLD_LOCAL_SIZE") ?? TasksPerNode(variable("SLURM_STEP_TASKS_PER_NODE")) ?? size;
        return new Launch(rank, size, localRank, localSize);
    }

    /// <summary>
    /// Returns the number of threads an operator gets, so that the processes of a machine share its processors.
    /// </summary>
    /// <param name="available">The processors that this process may use; fewer if the launcher bound it to some.</param>
    /// <param name="online">The processors of the machine.</param>
    public int Threads(int available, int online) => Math.Max(1, Math.Min(available, online / LocalSize));

    // "2(x3),1": the number on the first machines, which is the largest one.
    private static int? TasksPerNode(string? text) =>
        text is not null && int.TryParse(text.Split('(', ',')[0], CultureInfo.InvariantCulture, out int number) ? number : null;
}
