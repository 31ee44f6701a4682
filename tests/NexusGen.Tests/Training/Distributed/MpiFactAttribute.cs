namespace NexusGen.Tests.Training.Distributed;

/// <summary>A test that needs OpenMPI's <c>mpirun</c>, and is reported as skipped without it.</summary>
internal sealed class MpiFactAttribute : FactAttribute
{
    public MpiFactAttribute() => Skip = Mpi.WhyNot;
}

/// <summary>A theory that needs OpenMPI's <c>mpirun</c>, and is reported as skipped without it.</summary>
internal sealed class MpiTheoryAttribute : TheoryAttribute
{
    public MpiTheoryAttribute() => Skip = Mpi.WhyNot;
}

/// <summary>Says why tests of MPI are skipped.</summary>
file static class Mpi
{
    public static string? WhyNot =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "mpirun")))
            ? null
            : "It needs OpenMPI (Debian and Ubuntu: apt-get install openmpi-bin).";
}
