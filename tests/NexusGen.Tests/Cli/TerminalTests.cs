using System.Diagnostics;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

/// <summary>The built command in a pseudo terminal, which <c>script</c> of util-linux makes.</summary>
public class TerminalTests
{
    [LinuxTheory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(11)]
    [InlineData(200)]
    public async Task EveryWidthGetsAnImage(int columns)
    {
        using var folder = new TemporaryFolder();

        (int code, string shown) = await Run($"stty cols {columns} rows 24; {Generate(folder, 3)}");

        Assert.True(code == 0, shown);
        Assert.Equal(["a.png"], folder.Names);
        Assert.Contains("\e[?7l", shown);
        Assert.Equal(columns == 200, shown.Contains('━'));
    }

    [LinuxTheory]
    [InlineData(80, 8)]
    [InlineData(11, 80)]
    public async Task AWindowMayChangeItsWidthMeanwhile(int before, int after)
    {
        using var folder = new TemporaryFolder();

        (int code, string shown) = await Run(
            $"stty cols {before} rows 24; (sleep 1; stty cols {after} < /dev/tty) & {Generate(folder, 40)}");

        Assert.True(code == 0, shown);
        Assert.Equal(["a.png"], folder.Names);
    }

    [LinuxTheory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 130)]
    public async Task OneSignalEndsTheWorkInANarrowWindow(string signal, int expected)
    {
        using var folder = new TemporaryFolder();

        (int code, string shown) = await Run(
            $"stty cols 8 rows 24; {Generate(folder, 1000)} & p=$!; sleep 4; kill -{signal} $p; wait $p");

        Assert.True(code == expected, shown);
        Assert.Empty(folder.Names);
    }

    // Nobody reads what the terminal shows, so that every write hangs in the end; the output of script stops script itself.
    [LinuxFact]
    public async Task ASecondSignalEndsTheWorkWhenTheTerminalHangs()
    {
        using var folder = new TemporaryFolder();
        using Process process = Start(
            $"stty cols 80 rows 24; {Generate(folder, 1000)} & echo $! > '{folder["id"]}'; "
            + $"wait $!; echo $? > '{folder["code"]}'");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(folder["id"]), 30_000));
        await Task.Delay(TimeSpan.FromSeconds(4));
        Process.Start("kill", ["-STOP", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(8));
            string id = (await File.ReadAllTextAsync(folder["id"])).Trim();
            for (int i = 0; i < 2; i++)
            {
                Process.Start("kill", ["-TERM", id]).WaitForExit();
                await Task.Delay(TimeSpan.FromSeconds(3));
            }

            Assert.True(SpinWait.SpinUntil(() => File.Exists(folder["code"]), 30_000));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static string Generate(TemporaryFolder folder, int steps) =>
        $"env --default-signal=INT dotnet '{Path.Combine(AppContext.BaseDirectory, "NexusGen.Cli.dll")}' generate 'a red star' "
        + $"--steps {steps} --model '{ModelFinder.FindTiny()}' --output '{folder["a.png"]}'";

    private static Process Start(string commands)
    {
        var start = new ProcessStartInfo("script", ["-qec", commands, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        start.Environment["TERM"] = "xterm";
        return Process.Start(start)!;
    }

    private static async Task<(int Code, string Shown)> Run(string commands)
    {
        using Process process = Start(commands);
        Task<string> shown = process.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await shown);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
