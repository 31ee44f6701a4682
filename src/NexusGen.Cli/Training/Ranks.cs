using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Torch.Native;
using NexusGen.Training.Distributed;

namespace NexusGen.Cli.Training;

/// <summary>Joins the processes of a command that mpirun or srun started.</summary>
internal static class Ranks
{
    /// <summary>Gets whether OpenMPI's <c>mpirun</c> started several processes.</summary>
    public static bool AreLaunched => Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is not (null or "1");

    // The variable that mpirun derives from its option --mca odls_base_sigkill_timeout.
    private const string KillTimeout = "OMPI_MCA_odls_base_sigkill_timeout";

    /// <summary>Joins the processes, or returns a group of one without a launcher.</summary>
    /// <param name="terminal">The standard streams.</param>
    public static RankGroup Join(Terminal terminal)
    {
        var launch = Launch.Detect();
        var group = RankGroup.Join(launch, sentence => End(terminal, sentence));
        if (AreLaunched && group.IsFirst && Environment.GetEnvironmentVariable(KillTimeout) is null)
        {
            terminal.Error.WriteLine(
                "nexusgen: mpirun kills its processes two seconds after Ctrl-C, perhaps before they have finished their step and "
                + "their files; with --mca odls_base_sigkill_timeout 20 they have 40 seconds.");
        }

        return group;
    }

    /// <summary>Returns the number of threads of a rank, or null without other ones on its machine.</summary>
    /// <param name="group">The ranks.</param>
    public static int? ThreadsOf(RankGroup group) => group.Launch.LocalSize > 1
        ? group.Launch.Threads(NativeRuntime.Threads, Processors.Online)
        : null;

    /// <summary>Returns the device of a rank: of several GPUs of a machine, each of its ranks uses another one.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="device">The device that all ranks were given.</param>
    public static string DeviceOf(RankGroup group, string device) =>
        device == "cuda" && group.Launch.LocalSize > 1 ? $"cuda:{group.Launch.LocalRank}" : device;

    // The thread that computes may wait for a rank that is gone, so nothing is cleaned up.
    private static void End(Terminal terminal, string? sentence)
    {
        if (sentence is not null)
        {
            terminal.Error.WriteLine($"nexusgen: {VisibleText.Of(sentence.ReplaceLineEndings(" "))}");
            terminal.Error.Flush();
        }

        Interrupt.ExitNow(ExitCode.Failed);
    }
}
