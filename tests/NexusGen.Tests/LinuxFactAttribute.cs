using System.Runtime.InteropServices;

namespace NexusGen.Tests;

/// <summary>A test that runs on Linux with glibc only, and is reported as skipped elsewhere.</summary>
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = Linux.WhyNot;
}

/// <summary>A theory that runs on Linux with glibc only, and is reported as skipped elsewhere.</summary>
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = Linux.WhyNot;
}

/// <summary>Says why tests of Linux are skipped.</summary>
file static class Linux
{
    /// <summary>The reason, or null on Linux with glibc.</summary>
    public static string? WhyNot =>
        OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
            ? null
            : "It tests a property of Linux with glibc.";
}
