using NexusGen.Cli;
using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Training.Distributed;

/// <summary>Starts processes with <c>mpirun</c>, as a user does.</summary>
internal static class MpiProgram
{
    // As root in a container, and with more processes than processors.
    private static readonly (string, string?)[] Anywhere =
    [
        ("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
        ("OMPI_MCA_rmaps_base_oversubscribe", "1"), ("OMPI_MCA_hwloc_base_binding_policy", "none"),
    ];

    /// <summary>Starts the command on several ranks.</summary>
    public static RunningProgram Command(string folder, int ranks, params string[] arguments) =>
        Start(folder, ranks, [typeof(CommandLine).Assembly.Location, .. arguments]);

    /// <summary>Starts a probe of this test program on several ranks.</summary>
    public static RunningProgram Probe(string folder, int ranks, params string[] arguments) =>
        Start(folder, ranks, [typeof(ChildProcess).Assembly.Location, .. arguments]);

    /// <summary>Starts a program with the options of a documented command.</summary>
    public static RunningProgram Line(string folder, string[] options, string[] program) =>
        RunningProgram.Start(folder, "mpirun", [.. options, "dotnet", "exec", .. program], Anywhere);

    private static RunningProgram Start(string folder, int ranks, string[] program) =>
        Line(folder, ["--mca", "odls_base_sigkill_timeout", "5", "-n", $"{ranks}"], program);
}
