using System.Diagnostics;
using System.Globalization;

namespace NexusGen.Tests.Packaging;

/// <summary>The packages, packed from the build of these tests, under a unique version.</summary>
public sealed class PackedLibraries : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PackedLibraries()
    {
        // Never the version of another run, because NuGet caches what it has unpacked.
        Version = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test{Environment.ProcessId}{DateTime.UtcNow.Ticks}");
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name.StartsWith("debug", StringComparison.Ordinal)
            ? "Debug"
            : "Release";
        foreach (string name in Names)
        {
            Run(
                Repository, "dotnet", "pack", $"src/{name}", "--no-build", "-c", configuration, "-o", Folder,
                $"-p:Version={Version}", "-v", "quiet", "-nologo");
        }
    }

    public static string[] Names { get; } =
    [
        "NexusGen",
        "NexusGen.Verification",
        "NexusGen.Training",
        "NexusGen.Extensions.AI",
        "NexusGen.Hub",
        "NexusGen.Server"
    ];

    public static string Repository { get; } = Path.GetFullPath(Path.Combine(ReferenceFolder.Path, "..", ".."));

    public string Folder => _folder.Path;

    public string Version { get; }

    /// <summary>Runs a program to completion.</summary>
    /// <returns>Its standard output.</returns>
    public static string Run(string folder, string program, params string[] arguments) =>
        Run(folder, [], program, arguments);

    /// <summary>Runs a program to completion.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="environment">Additional environment variables.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>Its standard output.</returns>
    public static string Run(
        string folder, (string Name, string Value)[] environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };

        // Without the settings of the build that runs these tests.
        foreach (string variable in start.Environment.Keys
            .Where(key => key.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase))
            .ToList())
        {
            start.Environment.Remove(variable);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(
            process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{error.Result}");
        return output;
    }

    public void Dispose()
    {
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (string name in Names)
        {
            string unpacked = Path.Combine(cache, name.ToLowerInvariant(), Version);
            if (Directory.Exists(unpacked))
            {
                Directory.Delete(unpacked, recursive: true);
            }
        }

        _folder.Dispose();
    }
}
