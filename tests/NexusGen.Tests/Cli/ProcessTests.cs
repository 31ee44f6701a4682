using System.Diagnostics;
using System.Text;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

/// <summary>The built command in a separate process: exit codes, streams, Ctrl-C.</summary>
public class ProcessTests
{
    [Fact]
    public async Task ExitCodesReachTheShell()
    {
        Assert.Equal(ExitCode.Success, (await Run("--version")).Code);
        Assert.Equal(ExitCode.InvalidUsage, (await Run("generate", "--stpes", "3")).Code);
        Assert.Equal(ExitCode.Failed, (await Run("inspect", "/no/such/file")).Code);
    }

    [Fact]
    public async Task ChineseReachesTheShell()
    {
        CliRun run = await Run("generate", "猫", "狗");

        Assert.Contains("Unexpected argument '狗'", run.Error);
    }

    [LinuxTheory]
    [InlineData("generate", 0)]
    [InlineData("generate", 800)]
    [InlineData("generate", 2500)]
    [InlineData("edit", 1500)]
    [InlineData("reconstruct", 1500)]
    public async Task CtrlCEndsTheWorkAndLeavesNothing(string command, int milliseconds)
    {
        using var folder = new TemporaryFolder();
        string[] picture = command == "generate" ? ["a cat"] : ["--image", CliRun.Picture("small.png")];
        string[] text = command == "edit" ? ["Add a hat"] : [];
        string[] forced = command == "reconstruct" ? [] : ["--force-drawing"];
        string[] line =
        [
            command, .. picture, .. text, .. forced, "--steps", "1000", "--width", "512", "--height", "512",
            "--model", CliRun.TinyModel, "--output", folder["a/b.png"]
        ];

        using Process process = Start(line);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await UntilBegun(folder["a"], process);
        await Task.Delay(milliseconds);
        Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();
        await process.WaitForExitAsync();

        Assert.Equal("nexusgen: Cancelled.", (await error).Trim().Split('\n')[^1]);
        Assert.Equal((ExitCode.Cancelled, ""), (process.ExitCode, await output));
        Assert.False(Directory.Exists(folder["a"]));
    }

    private static async Task<CliRun> Run(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new CliRun(process.ExitCode, await output, await error);
    }

    // If the tests run in the background, they ignore Ctrl-C and their child processes inherit that; env restores the default.
    internal static Process Start(params string[] arguments) => StartIn(new Dictionary<string, string?>(), arguments);

    /// <summary>Starts the command with variables in its environment.</summary>
    internal static Process StartIn(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        StartAt("", environment, arguments);

    /// <summary>Starts the command in a folder, with variables in its environment.</summary>
    internal static Process StartAt(
        string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        string command = Path.Combine(AppContext.BaseDirectory, "NexusGen.Cli.dll");
        string[] prefix = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet", command] : ["dotnet", command];
        var start = new ProcessStartInfo(prefix[0], [.. prefix[1..], .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    // The output folder is created just before the model is opened.
    private static async Task UntilBegun(string folder, Process process)
    {
        while (!Directory.Exists(folder) && !process.HasExited)
        {
            await Task.Delay(20);
        }
    }
}
